# Runs one libFuzzer program for a bounded time: cmake -DPROGRAM=.. -DCORPUS=.. -DWORK=.. -DSECONDS=.. -P run.cmake
# WORK gets a fresh copy of the corpus and keeps what a failed run found.
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK}/found)
file(COPY ${CORPUS}/ DESTINATION ${WORK}/corpus)
execute_process(
  COMMAND ${PROGRAM} -max_total_time=${SECONDS} -timeout=10 -rss_limit_mb=2048 -artifact_prefix=${WORK}/found/
          -print_final_stats=1 ${WORK}/corpus
  RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} ended with ${result}; the input is in ${WORK}/found")
endif()
