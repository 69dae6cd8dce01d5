/* SPDX-License-Identifier: Apache-2.0 */
/* The C ABI between the skulk-weights host and an artifact plugin: the whole contract.
 *
 * A plugin is a shared library that exports ONE function, skw_plugin_entry_v1. It answers with a static
 * table; everything else is reached through tables. Structured data crosses as JSON text (the documents
 * are described in docs/schemas/), bulk bytes cross through 64-bit handles, errors are an int32_t and one
 * text per call. No memory ever changes owner.
 *
 * The rules that hold everywhere, with the reason for each:
 *
 *   Tables    begin with their own size in bytes and grow only at the end. A reader uses a slot after
 *             SKW_HAS says that it is there; a table larger than the reader knows is fine. So an old
 *             plugin works in a new host, and a new plugin in an old one.
 *   Text      is UTF-8, pointer and length, NOT terminated by a zero byte, no zero byte inside. Paths are
 *             absolute. Input is borrowed until the call returns; output goes into a skw_sink, in any
 *             number of pieces. There is no allocator in this interface because there is no need for one.
 *   Errors    A negative status is preceded by exactly one fail() of the same call, with a sentence for the
 *             person at the terminal. A negative status without a text is reported as the plugin's bug.
 *   Unknown   ids give NULL, unknown flags are ignored, an unknown negative status is a general failure,
 *             an unknown JSON member is ignored.
 *   Throwing  Nothing is thrown, unwound or longjmp-ed across this border, in either direction.
 *   Threads   Each slot carries a tag: [any] every thread at any time; [call] the thread that runs the
 *             operation; [worker] threads the plugin started inside this operation and joins before the
 *             operation returns. One instance is never entered twice at once.
 *   Process   A plugin does not exit, abort by design, fork without exec, set signal handlers, change the
 *             working directory, umask, locale or environment, or use descriptors 0 to 2.
 *   Loading   The entry function is pure: no threads, files, environment; it returns within 50 ms. The
 *             library stays loaded until the process ends.
 *
 * JSON documents: RFC 8259, UTF-8 without a byte order mark, no duplicate keys, depth <= 64, <= 16 MiB,
 * integers within +-(2^53 - 1) or else decimal strings, hashes in lower-case hex, times as RFC 3339 UTC.
 * The first member of every document is "schema", such as "skw.plan/1".
 *
 * Compiles as C99 to C17 and as C++11 to C++20; needs nothing but <stddef.h> and <stdint.h>. */
#ifndef SKW_PLUGIN_H
#define SKW_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

/* The version of this interface. CMake reads these two lines: one source of truth. */
#define SKW_ABI_MAJOR 1
#define SKW_ABI_MINOR 0

/* The lowest host minor the author wants to run in. Define it before including this header to hide later
 * additions from the compiler; it becomes min_host_minor of the plugin. */
#ifndef SKW_TARGET_MINOR
#define SKW_TARGET_MINOR SKW_ABI_MINOR
#endif

#if defined(_WIN32)
#define SKW_CALL __cdecl
#define SKW_VISIBLE __declspec(dllexport)
#else
#define SKW_CALL
#define SKW_VISIBLE __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
#define SKW_EXPORT extern "C" SKW_VISIBLE
extern "C" {
#else
#define SKW_EXPORT extern SKW_VISIBLE
#endif

/* ------------------------------------------------------------------------------------------------------
 * Status codes. 0 is success. -1 to -63 belong to this interface, -64 to -127 to plugins (the host treats
 * them as SKW_E_FAILED), positive values are reserved. */
typedef int32_t skw_status;

#define SKW_OK 0
#define SKW_E_FAILED (-1)         /* failed, nothing more precise fits */
#define SKW_E_BAD_ARGUMENT (-2)   /* the caller broke this contract: a bug of the host */
#define SKW_E_BAD_INPUT (-3)      /* what the user or the source gave is wrong */
#define SKW_E_UNSUPPORTED (-4)    /* well-formed, but this program does not do it */
#define SKW_E_NOT_FOUND (-5)
#define SKW_E_CANCELLED (-6)
#define SKW_E_TIMED_OUT (-7)
#define SKW_E_IO (-8)             /* local files */
#define SKW_E_NETWORK (-9)        /* unreachable, cut, or answered with a temporary failure */
#define SKW_E_NOT_AUTHORISED (-10)
#define SKW_E_CONFLICT (-11)      /* the remote side moved */
#define SKW_E_NO_SPACE (-12)      /* disk or quota */
#define SKW_E_PERMISSION (-13)
#define SKW_E_RESOURCE (-14)      /* memory, descriptors, threads */
#define SKW_E_CONTRACT (-15)      /* a call outside of the plan or of the rules above */
#define SKW_E_INTERNAL (-16)      /* a bug: an exception that nobody expected */

/* Levels of skw_host_core.log. */
#define SKW_LOG_ERROR 1
#define SKW_LOG_WARNING 2
#define SKW_LOG_INFO 3  /* shown to the operator as "<kind>: <text>"; scripts read these lines */
#define SKW_LOG_DEBUG 4 /* shown with -v */

/* ------------------------------------------------------------------------------------------------------
 * Basic shapes. */

/* Bulk data behind a number that means something to the host only; 0 is none. Valid in the call that opened
 * it. A number, not a pointer, because it also crosses a process border. */
typedef uint64_t skw_handle;

/* One artifact maker, owned by the plugin. */
typedef struct skw_instance skw_instance;

/* Borrowed UTF-8 text of len bytes. */
typedef struct skw_text {
    const char *ptr;
    uint64_t len;
} skw_text;

/* The head of every table. */
typedef struct skw_table {
    uint32_t struct_size; /* bytes of the table that follows, this head included */
    uint32_t table_minor; /* the interface minor the table was built for */
} skw_table;

/* Where output goes; owned by the host.
 * needs   bytes of len >= 0; call write as often as you like
 * gives   SKW_OK, or a negative status once the host's cap is passed: give up then
 * thread  [call] */
typedef struct skw_sink {
    void *ctx;
    skw_status (SKW_CALL *write)(void *ctx, const void *bytes, uint64_t len);
} skw_sink;

struct skw_host_core;

/* One operation. Every host function takes it; it is valid until the operation returns. */
typedef struct skw_call {
    const struct skw_host_core *host;
} skw_call;

/* What the entry function may see of the host. */
typedef struct skw_host_info {
    skw_table head;
    uint16_t abi_major;
    uint16_t abi_minor;
    uint32_t flags; /* none defined: 0 */
    skw_text name;
    skw_text version;
} skw_host_info;

/* ------------------------------------------------------------------------------------------------------
 * The host's basic functions: always present, in every operation. */
typedef struct skw_host_core {
    skw_table head;

    /* Hands one line of text to the operator or the log.
     * needs   level one of SKW_LOG_*; msg of len bytes, no line break
     * gives   nothing; the host removes secrets and control characters
     * fails   never
     * thread  [call, worker]
     * since   1.0 */
    void (SKW_CALL *log)(skw_call *c, int32_t level, const char *msg, uint64_t len);

    /* Says why this call is about to return a negative status.
     * needs   code < 0; msg a sentence for the user; detail_json an object or empty. Known members:
     *         "place" (what it is about), "hint" (what to do), "path" (JSON Pointer), "retryable" (bool)
     * gives   code again, so that "return c->host->fail(...)" reads well
     * fails   never; a second text in the same call is ignored
     * thread  [call, worker]
     * since   1.0 */
    skw_status (SKW_CALL *fail)(skw_call *c, skw_status code, const char *msg, uint64_t len,
                                const char *detail_json, uint64_t detail_len);

    /* Tells how far a step of the plan is.
     * needs   step an id of the plan; done and total in the unit of that step; total 0 = unknown
     * gives   nothing; the host limits the rate; done may go back on a retry
     * fails   never; 60 s without any progress count as silence
     * thread  [call, worker]
     * since   1.0; doctor and execute only */
    void (SKW_CALL *progress)(skw_call *c, const char *step, uint64_t step_len, uint64_t done,
                              uint64_t total);

    /* Asks whether the operator wants to stop.
     * gives   1 or 0; after 1 every blocking service returns SKW_E_CANCELLED at once, and the plugin
     *         returns within 2 s
     * thread  [call, worker]; takes no lock
     * since   1.0 */
    int32_t (SKW_CALL *cancelled)(skw_call *c);

    /* A descriptor that becomes readable when cancelled() turns 1; for poll(). Never read or close it.
     * gives   the descriptor, or -1 where there is none
     * thread  [call, worker]
     * since   1.0 */
    int32_t (SKW_CALL *cancel_fd)(skw_call *c);

    /* Looks up a service by id, such as "skw.hub/1".
     * needs   id of len bytes
     * gives   its table, or NULL: unknown, or not to be had in this operation (see the table below)
     * fails   never
     * thread  [call, worker]
     * since   1.0 */
    const skw_table *(SKW_CALL *service)(skw_call *c, const char *id, uint64_t len);
} skw_host_core;

/* Which services exist in which operation:
 *
 *   service                     describe  validate  doctor  plan  execute
 *   log, fail, cancelled           x         x         x      x      x
 *   progress                       -         -         x      -      x
 *   skw.probe/1                    -         -         x      -      x
 *   skw.hub/1  stat, list          -         -         -      -      planned inputs
 *   skw.hub/1  reading             -         -         -      -      planned inputs
 *   skw.hub/1  writing             -         -         -      -      planned outputs
 *   skw.hub/1  mirror              -         -         -      -      planned mirrors
 *   skw.scratch/1                  -         -         -      -      planned bytes, planned folders
 *   skw.process/1                  -         -         -      -      planned commands
 *   skw.card/1                     -         -         -      -      x
 *
 * A plan gets its facts in the request instead: the same request must give the same bytes, so that a plan
 * can be shown, stored, hashed and compared. */

/* ------------------------------------------------------------------------------------------------------
 * Service "skw.hub/1": the repositories the plan names, and nothing else. The plugin never sees a token and
 * never commits: it fills outputs, the host hashes the bytes as they pass and makes one commit.
 *
 * A reference to something to read is JSON text:
 *   {"input": ID of the plan, "path": FILE in that repository, "offset": N, "length": N}
 * offset and length choose a part of the file: handle positions count from offset then. */
typedef struct skw_hub {
    skw_table head;

    /* Tells what the Hub's listing says about one file of an input, at the pinned commit.
     * needs   ref_json with "input" and "path"
     * gives   in out: skw.file/1 {"path", "size", "sha256" (large files only)}
     * fails   SKW_E_NOT_FOUND, SKW_E_CONTRACT (input not in the plan), SKW_E_NETWORK, SKW_E_CANCELLED
     * thread  [call, worker]
     * since   1.0 */
    skw_status (SKW_CALL *stat)(skw_call *c, const char *ref_json, uint64_t len, const skw_sink *out);

    /* Opens a file, or a part of it, of an input.
     * needs   ref_json with "input" and "path", and "offset" with "length" for a part
     * gives   *out; no byte is fetched yet
     * fails   as stat; SKW_E_BAD_ARGUMENT when the part leaves the file; *out is 0 then
     * thread  [call, worker]
     * since   1.0 */
    skw_status (SKW_CALL *open_read)(skw_call *c, const char *ref_json, uint64_t len, skw_handle *out);

    /* Opens an output of the plan for writing. Once per output and call.
     * needs   output_id of len bytes
     * gives   *out
     * fails   SKW_E_CONTRACT (not in the plan, or opened before), SKW_E_IO; *out is 0 then
     * thread  [call, worker]
     * since   1.0 */
    skw_status (SKW_CALL *open_write)(skw_call *c, const char *output_id, uint64_t len, skw_handle *out);

    /* Reads on from where the last read of this handle ended. The host keeps one request open for it and
     * resumes an interrupted one at the byte, so one range of any length costs one request.
     * needs   h from open_read in this call; buf of cap >= 1 bytes
     * gives   *got bytes in buf, 1 <= *got <= cap; 0 only at the end
     * fails   SKW_E_NETWORK, SKW_E_CANCELLED, SKW_E_CONTRACT (not such a handle); *got is 0 then
     * thread  [call, worker]; calls on one h must not overlap
     * since   1.0 */
    skw_status (SKW_CALL *read)(skw_call *c, skw_handle h, void *buf, uint64_t cap, uint64_t *got);

    /* Reads up to cap bytes of the source behind h, starting at byte off. One request of its own.
     * needs   h from open_read in this call; buf of cap >= 1 bytes
     * gives   *got bytes in buf; short reads happen; 0 only at or past the end
     * fails   as read; *got is 0 then
     * thread  [call, worker]; calls on one h may overlap
     * since   1.0; 64-bit numbers because the slot also crosses the pipe to the runner */
    skw_status (SKW_CALL *read_at)(skw_call *c, skw_handle h, uint64_t off, void *buf, uint64_t cap,
                                   uint64_t *got);

    /* Appends bytes to an output.
     * needs   h from open_write in this call; buf of len bytes
     * gives   all of it taken, hashed and staged
     * fails   SKW_E_NO_SPACE, SKW_E_IO, SKW_E_CANCELLED, SKW_E_CONTRACT
     * thread  [call, worker]; calls on one h must not overlap
     * since   1.0 */
    skw_status (SKW_CALL *write)(skw_call *c, skw_handle h, const void *buf, uint64_t len);

    /* Gives an output its bytes from a finished file below the scratch directory; instead of write.
     * needs   h from open_write without any write; scratch_path absolute, of len bytes, a regular file
     * gives   the file hashed and staged; it must not change any more
     * fails   SKW_E_IO, SKW_E_CONTRACT (outside of the scratch directory), SKW_E_CANCELLED
     * thread  [call, worker]
     * since   1.0 */
    skw_status (SKW_CALL *put_file)(skw_call *c, skw_handle h, const char *scratch_path, uint64_t len);

    /* Declares an output complete.
     * needs   h from open_write, all bytes given
     * gives   in receipt_json: skw.receipt/1 {"output", "size", "sha256"}
     * fails   SKW_E_IO, SKW_E_CONTRACT (size differs from the plan's)
     * thread  [call, worker]
     * since   1.0 */
    skw_status (SKW_CALL *finish)(skw_call *c, skw_handle h, const skw_sink *receipt_json);

    /* Ends the use of a handle of either kind. An output that was not finished is dropped.
     * needs   h of this call
     * gives   SKW_OK
     * fails   SKW_E_CONTRACT (unknown handle)
     * thread  [call, worker]
     * since   1.0; the host closes what is left at the end of the call and reports it as a leak */
    skw_status (SKW_CALL *close)(skw_call *c, skw_handle h);

    /* Lists an input at its pinned commit.
     * needs   ref_json with "input"
     * gives   in out: skw.listing/1 {"repo", "revision", "files": [{"path", "size", "sha256"?}]}, sorted
     *         by path, the files that the plan's patterns for this input select
     * fails   as stat
     * thread  [call, worker]
     * since   1.0 */
    skw_status (SKW_CALL *list)(skw_call *c, const char *ref_json, uint64_t len, const skw_sink *out);

    /* Declares that a file of an input goes into the target unchanged, at the same path. No byte moves in
     * this call: the host moves all mirrored files afterwards, each in the cheapest way there is.
     * needs   ref_json with "input", which a mirror of the plan names, and "path"
     * gives   SKW_OK; declaring a file twice is declaring it once
     * fails   as stat; SKW_E_CONTRACT (not a mirror of the plan, a path the host writes itself, or one of
     *         an output)
     * thread  [call, worker]
     * since   1.0 */
    skw_status (SKW_CALL *mirror)(skw_call *c, const char *ref_json, uint64_t len);

    /* Fetches whole files of an input into the scratch directory, several at a time, each checked against
     * the hash of the listing. What an earlier try has fetched is kept, an unfinished file is gone on with.
     * needs   request_json: {"input": ID, "paths": [PATH]?, "into": ABSOLUTE FOLDER below the scratch
     *         directory, "step": ID?}; no paths: all that the plan's patterns select. Files keep their
     *         paths below the folder. Progress is reported for the step, in bytes
     * gives   in out: skw.listing/1 of the files that are there now
     * fails   as read; SKW_E_IO, SKW_E_NO_SPACE, SKW_E_CONTRACT (outside of the scratch directory)
     * thread  [call, worker]
     * since   1.0 */
    skw_status (SKW_CALL *fetch)(skw_call *c, const char *request_json, uint64_t len, const skw_sink *out);
} skw_hub;

/* ------------------------------------------------------------------------------------------------------
 * Service "skw.scratch/1": room on disk for one call of execute. */
typedef struct skw_scratch {
    skw_table head;

    /* The directory of this call: private, empty but for what an earlier try kept, removed afterwards.
     * gives   in out: its absolute path
     * fails   SKW_E_IO, SKW_E_CONTRACT (the plan asked for no scratch bytes)
     * thread  [call, worker]
     * since   1.0 */
    skw_status (SKW_CALL *path)(skw_call *c, const skw_sink *out);

    /* How many bytes may still be written: the smaller of the plan's scratch_bytes that are left and of
     * the free space of the file system.
     * gives   *bytes
     * fails   SKW_E_IO
     * thread  [call, worker]
     * since   1.0 */
    skw_status (SKW_CALL *quota)(skw_call *c, uint64_t *bytes);

    /* Keeps a file or folder of the directory when the call fails or the machine does, so that the next run
     * of the same plan can go on.
     * needs   name relative to the directory, of len bytes, no ".."; it need not be there yet. Or a folder of
     *         the plan that is finished: the next run of the same plan finds it, where it would be refused
     * gives   SKW_OK; holds from now on
     * fails   SKW_E_BAD_ARGUMENT, SKW_E_IO
     * thread  [call, worker]
     * since   1.0 */
    skw_status (SKW_CALL *keep)(skw_call *c, const char *name, uint64_t len);

    /* A folder of the plan: where its tools write. Not there before they do; it stays when the call fails.
     * needs   name one of the plan's folders, of len bytes
     * gives   in out: its absolute path
     * fails   SKW_E_CONTRACT (not in the plan)
     * thread  [call, worker]
     * since   1.0 */
    skw_status (SKW_CALL *folder)(skw_call *c, const char *name, uint64_t len, const skw_sink *out);

    /* Hashes a file below the directory or below a folder of the plan.
     * needs   path absolute, of len bytes, a regular file
     * gives   in out: skw.file/1 {"path", "size", "sha256"}
     * fails   SKW_E_IO, SKW_E_CONTRACT (elsewhere, or no regular file), SKW_E_CANCELLED
     * thread  [call, worker]
     * since   1.0 */
    skw_status (SKW_CALL *hash)(skw_call *c, const char *path, uint64_t len, const skw_sink *out);
} skw_scratch;

/* ------------------------------------------------------------------------------------------------------
 * Service "skw.process/1": the tools of the plan. The words of a command come from the plan alone; no shell
 * reads them. A tool runs in a process group of its own, with an environment of a few harmless variables and
 * those of its step, without a terminal and without the Hub's token. Only a step that "uploads" gets the
 * token, and only for a plugin whose manifest asks for it and that is built in or pinned. */

/* Where the lines of a tool go; owned by the plugin.
 * needs   stream 1 (standard output) or 2 (standard error); text of len bytes, made valid UTF-8, without its
 *         line break; a longer line is cut at 64 KiB
 * thread  [call], while run is waiting */
typedef struct skw_lines {
    void *ctx;
    void (SKW_CALL *line)(void *ctx, int32_t stream, const char *text, uint64_t len);
} skw_lines;

typedef struct skw_process {
    skw_table head;

    /* Runs the command of one step of the plan and waits for its end. At a stop, and when the tool neither
     * prints nor computes for the idle limit, its whole process group is ended.
     * needs   step an id of the plan whose step has a command; lines may be NULL
     * gives   in out: skw.exit/1 {"step", "exit": N or null, "signal": N or null, "seconds": N,
     *         "tool": {"name", "path", "sha256"}, "last_lines": [TEXT]}; an exit other than 0 is an answer,
     *         not a failure
     * fails   SKW_E_NOT_FOUND (no such tool), SKW_E_CONTRACT (no command in the plan), SKW_E_TIMED_OUT,
     *         SKW_E_PERMISSION (may not have the token), SKW_E_IO, SKW_E_CANCELLED
     * thread  [call]
     * since   1.0 */
    skw_status (SKW_CALL *run)(skw_call *c, const char *step, uint64_t len, const skw_lines *lines,
                               const skw_sink *out);
} skw_process;

/* ------------------------------------------------------------------------------------------------------
 * Service "skw.card/1": what only the execution knows about the model card. The host renders the card. */
typedef struct skw_card {
    skw_table head;

    /* Adds facts to the card.
     * needs   patch_json: {"tags": [TEXT], "facts": {NAME: TEXT}}; facts become rows of the provenance
     *         table and members of the front matter's "foxlight" mapping
     * gives   SKW_OK
     * fails   SKW_E_BAD_INPUT (wrong shape, or a name the host owns)
     * thread  [call]
     * since   1.0 */
    skw_status (SKW_CALL *merge)(skw_call *c, const char *patch_json, uint64_t len);

    /* Adds a paragraph to the section "Notes".
     * needs   text of len bytes of plain text; the host escapes it
     * gives   SKW_OK
     * fails   SKW_E_BAD_INPUT (not UTF-8, or longer than 64 KiB)
     * thread  [call]
     * since   1.0 */
    skw_status (SKW_CALL *add_note)(skw_call *c, const char *text, uint64_t len);
} skw_card;

/* ------------------------------------------------------------------------------------------------------
 * Service "skw.probe/1": the only way to look at the machine, so that it can be faked in tests. */
typedef struct skw_probe {
    skw_table head;

    /* Answers one question about the machine.
     * needs   question_json, one of
     *         {"ask": "tool", "name": N}        -> {"found": BOOL, "path": TEXT?}
     *         {"ask": "tool_says", "name": N, "words": [TEXT]}
     *             -> {"found": BOOL, "path": TEXT?, "exit": N or null, "signal": N or null, "text": TEXT}
     *             runs a tool of the manifest's needs.tools with 1 to 4 words, the last of them --version or
     *             --help; in doctor only. text: what it printed, both outputs, at most 256 KiB
     *         {"ask": "free_space", "path": P}  -> {"bytes": N}
     *         {"ask": "memory"}                 -> {"total": N, "available": N}
     *         {"ask": "accelerator"}            -> {"found": BOOL, "names": [TEXT]}
     *         {"ask": "file", "path": P}        -> {"exists": BOOL, "size": N?, "directory": BOOL}
     * gives   the answer in out
     * fails   SKW_E_UNSUPPORTED (unknown question), SKW_E_BAD_ARGUMENT, SKW_E_IO, SKW_E_TIMED_OUT (a tool that
     *         neither prints nor computes for 10 s, or that runs for 30 s), SKW_E_BAD_INPUT (one that prints
     *         more than 256 KiB)
     * thread  [call, worker]
     * since   1.0 */
    skw_status (SKW_CALL *ask)(skw_call *c, const char *question_json, uint64_t len, const skw_sink *out);
} skw_probe;

/* ------------------------------------------------------------------------------------------------------
 * Interface "skw.artifact/1": what a plugin brings. A plugin that cannot make its artifact leaves execute
 * NULL; one without checks of its own leaves doctor NULL. All other slots are filled. */
typedef struct skw_artifact {
    skw_table head;

    /* Tells what this plugin makes.
     * gives   in out_json: skw.describe/1; the same bytes each time
     * fails   SKW_E_INTERNAL
     * thread  [call]
     * since   1.0 */
    skw_status (SKW_CALL *describe)(skw_call *c, const skw_sink *out_json);

    /* Makes an instance for one kind.
     * needs   kind one of describe; config_json an object (empty = none)
     * gives   *out, to be given back to destroy
     * fails   SKW_E_BAD_ARGUMENT (unknown kind), SKW_E_BAD_INPUT; *out is NULL then
     * thread  [call]
     * since   1.0 */
    skw_status (SKW_CALL *create)(skw_call *c, const char *kind, uint64_t kind_len, const char *config_json,
                                  uint64_t config_len, skw_instance **out);

    /* Ends an instance. NULL is fine.
     * thread  [any], never during another call on it
     * since   1.0 */
    void (SKW_CALL *destroy)(skw_instance *self);

    /* Checks the fields of a catalog entry that this kind owns.
     * needs   entry_json: the entry as an object, with all fields, also those of others
     * gives   in findings_json: skw.findings/1; no items = nothing to say
     * fails   SKW_E_BAD_ARGUMENT (not JSON); a bad entry is a finding, not a failure
     * thread  [call]
     * since   1.0 */
    skw_status (SKW_CALL *validate)(skw_instance *self, skw_call *c, const char *entry_json, uint64_t len,
                                    const skw_sink *findings_json);

    /* Checks whether this machine can make the artifact.
     * needs   request_json: skw.doctor_request/1 {"kind", "entries": [...]}
     * gives   in checks_json: skw.checks/1
     * fails   SKW_E_BAD_ARGUMENT; a failed check is an item, not a failure
     * thread  [call]
     * since   1.0; may be NULL */
    skw_status (SKW_CALL *doctor)(skw_instance *self, skw_call *c, const char *request_json, uint64_t len,
                                  const skw_sink *checks_json);

    /* Says what execute will do. Pure: the same request gives the same bytes.
     * needs   request_json: skw.plan_request/1
     * gives   in plan_json: skw.plan/1
     * fails   SKW_E_BAD_INPUT, SKW_E_UNSUPPORTED, SKW_E_BAD_ARGUMENT
     * thread  [call]
     * since   1.0 */
    skw_status (SKW_CALL *plan)(skw_instance *self, skw_call *c, const char *request_json, uint64_t len,
                                const skw_sink *plan_json);

    /* Does what a plan says: reads its inputs, fills its outputs. Restartable.
     * needs   plan_json: a skw.plan/1 of this plugin, with "finished" step ids of an earlier try if any
     * gives   in result_json: skw.result/1
     * fails   any code
     * thread  [call]
     * since   1.0; may be NULL */
    skw_status (SKW_CALL *execute)(skw_instance *self, skw_call *c, const char *plan_json, uint64_t len,
                                   const skw_sink *result_json);

    /* Says what a repository holds for this kind, from listings, indexes and headers alone; makes nothing.
     * Of the services there is skw.hub/1 with what reads: list, stat, open_read, read, read_at, close.
     * needs   request_json: skw.inspect_request/1 with the one "input", pinned
     * gives   in inspection_json: skw.inspection/1; what could not be made is a refusal in it, not a failure
     * fails   SKW_E_NOT_FOUND (nothing of this kind), SKW_E_BAD_INPUT, SKW_E_NETWORK, SKW_E_CANCELLED
     * thread  [call]
     * since   1.0; may be NULL */
    skw_status (SKW_CALL *inspect)(skw_instance *self, skw_call *c, const char *request_json, uint64_t len,
                                   const skw_sink *inspection_json);
} skw_artifact;

/* The root: static and constant. */
typedef struct skw_plugin {
    skw_table head;
    uint16_t abi_major;      /* SKW_ABI_MAJOR; must equal the host's */
    uint16_t abi_minor;      /* SKW_ABI_MINOR the plugin was compiled with */
    uint16_t min_host_minor; /* SKW_TARGET_MINOR; the host must have at least this */
    uint16_t reserved0;      /* 0 */
    uint32_t flags;          /* none defined: 0 */
    uint32_t reserved1;      /* 0 */
    skw_text id;             /* equals the manifest's */
    skw_text version;        /* equals the manifest's */

    /* Looks up an interface of the plugin, such as "skw.artifact/1".
     * gives   its table, or NULL for an unknown id
     * thread  [any]
     * since   1.0 */
    const skw_table *(SKW_CALL *get_interface)(const char *id, uint64_t len);
} skw_plugin;

/* The type of the exported function, for the host. */
typedef skw_status (SKW_CALL *skw_plugin_entry_fn)(const skw_host_info *host, const skw_plugin **out);

#ifdef __cplusplus
} /* extern "C" */
#endif

/* The one exported function. Refuses (SKW_E_UNSUPPORTED) a host of another major or of a lower minor than
 * it needs; never refuses a host for being newer. The second call returns the same pointer.
 * needs   host; out
 * gives   *out, a static table
 * thread  [any]
 * since   1.0 */
SKW_EXPORT skw_status SKW_CALL skw_plugin_entry_v1(const skw_host_info *host, const skw_plugin **out);

/* Whether the table behind tbl has this slot, and it is filled. */
#define SKW_HAS(type, tbl, member)                                                                          \
    ((tbl) && (tbl)->head.struct_size >= offsetof(type, member) + sizeof((tbl)->member) && (tbl)->member)

#include "plugin_layout.h"

#endif /* SKW_PLUGIN_H */
