# SPDX-License-Identifier: Apache-2.0
"""Completion in real bash, zsh and fish: what the installed scripts offer for lines as people type them."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

BIN = pathlib.Path(os.environ["SKW_BIN"])
SHARE = BIN.parent / "share"
SCRIPTS = {"bash": SHARE / "bash-completion/completions/skulk-weights",
           "zsh": SHARE / "zsh/site-functions/_skulk-weights",
           "fish": SHARE / "fish/vendor_completions.d/skulk-weights.fish"}
KEY = "foxlight/gemma-3-4b-full-q4-k"

# COMP_WORDS is cut as readline cuts it: at blanks and, by COMP_WORDBREAKS, around "=" and ":".
BASH = r'''
source "$SCRIPT"
COMP_LINE=$LINE COMP_POINT=${#LINE} COMP_WORDS=() rest=$LINE
while [[ -n $rest ]]; do
    rest=${rest#"${rest%%[! ]*}"}
    [[ -n $rest ]] || break
    if [[ ${rest:0:1} == [$BREAKS] ]]; then part=${rest:0:1}; else part=${rest%%[ $BREAKS]*}; fi
    COMP_WORDS+=("$part")
    rest=${rest#"$part"}
done
[[ $LINE == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
compopt() { echo "option ${*: -1}"; }
_skulk_weights
printf 'offer %s\n' "${COMPREPLY[@]}"
'''

# A shell of its own on a pseudo terminal, where Tab is pressed; compadd is watched for what it is given.
ZSH = r'''
zmodload zsh/zpty
zpty inner "exec zsh -f -i"
zpty -w inner 'PS1=; unsetopt zle_bracketed_paste 2>/dev/null; autoload -Uz compinit; fpath=(${SCRIPT:h} $fpath)'
zpty -w inner 'compinit -u -d $ROOM/dump; export PATH=$PROGRAMS:$PATH; cd $ROOM'
zpty -w inner 'compadd() { local -a got; builtin compadd -O got "$@"; print -rl -- "${got[@]/#/offer }" >> $ROOM/offers; builtin compadd "$@" }'
zpty -w inner 'stty -echo 2>/dev/null; finish() { print done >> $ROOM/done; zle -I }; zle -N finish; bindkey "^X^F" finish'
zpty -w inner 'print ready >> $ROOM/ready'
waited=0
while [[ ! -e $ROOM/ready ]] && (( waited++ < 300 )); do sleep 0.1; zpty -r -t inner chunk; done
zpty -w -n inner "$LINE"$'\t'
zpty -w -n inner $'\x18\x06'
waited=0
while [[ ! -e $ROOM/done ]] && (( waited++ < 300 )); do sleep 0.1; zpty -r -t inner chunk; done
zpty -d inner
[[ -e $ROOM/done ]] && cat $ROOM/offers 2>/dev/null
true
'''

FISH = r'''
source $SCRIPT
for line in (complete -C "$LINE")
    printf 'offer %s\n' (string split -m1 \t -- $line)[1]
end
'''


class Shell(unittest.TestCase):
    name = None

    @classmethod
    def setUpClass(cls):
        if cls.name is None:
            raise unittest.SkipTest("the cases of all shells")
        if shutil.which(cls.name) is None:
            if os.environ.get("CI") == "true":
                raise AssertionError(f"{cls.name} is not installed")
            print(f"skipped: {cls.name} is not installed", file=sys.stderr)
            raise unittest.SkipTest(f"{cls.name} is not installed")

    def setUp(self):
        self.room = pathlib.Path(tempfile.mkdtemp(prefix="skw-complete-"))
        self.addCleanup(shutil.rmtree, self.room)
        (self.room / "mine.yaml").write_text(
            "models:\n  - {key: only-mine, source_model: o/m, quant: q4k, tier: smoke, slices: [full],"
            " output_name: a.vindex, hf_repo: acme/a}\n")
        (self.room / "folder").mkdir()

    def run_shell(self, line, script, words, **more):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.room), "LANG": "C.UTF-8", "TERM": "dumb",
                       "LINE": line, "SCRIPT": str(SCRIPTS[self.name]), "ROOM": str(self.room),
                       # Whoever asks the network here would wait for an address that answers nobody.
                       "PROGRAMS": str(BIN), "HF_ENDPOINT": "http://127.0.0.1:9", **more}
        environment["PATH"] = f"{BIN}:{environment['PATH']}"
        done = subprocess.run([*words, script], cwd=self.room, env=environment, capture_output=True, text=True,
                              timeout=120, stdin=subprocess.DEVNULL)
        self.assertEqual(done.stderr, "")
        return done.stdout.splitlines()

    def offers(self, line):
        raise NotImplementedError

    def assert_offers(self, line, *words):
        self.assertEqual(sorted(self.offers(line)), sorted(words), line)

    def test_commands(self):
        self.assert_offers("skulk-weights publ", "publish")
        self.assert_offers("skulk-weights catalog val", "validate")
        found = self.offers("skulk-weights ")
        self.assertLessEqual({"publish", "inspect", "catalog", "plugins", "schema"}, set(found))
        self.assertNotIn("complete", found)

    def test_options(self):
        self.assert_offers("skulk-weights publish --dry", "--dry-run")
        self.assert_offers("skulk-weights --conf", "--config")

    def test_keys_hold_a_slash(self):
        self.assert_offers("skulk-weights publish --model foxlight/gemma-3-4b", KEY)
        self.assert_offers("skulk-weights catalog show foxlight/gemma-3-4b", KEY)

    def test_the_catalog_is_the_one_on_the_line(self):
        self.assert_offers("skulk-weights --manifest mine.yaml publish --model o", "only-mine")

    def test_the_home_folder_on_the_line(self):
        (self.room / "work").mkdir()
        (self.room / "mine.yaml").rename(self.room / "work/own.yaml")
        self.assert_offers("skulk-weights --manifest ~/work/own.yaml publish --model o", "only-mine")

    def test_kinds_and_choices(self):
        self.assert_offers("skulk-weights publish --artifact mt", "mtp")
        self.assert_offers("skulk-weights catalog list --tier s", "smoke")
        self.assert_offers("skulk-weights completion f", "fish")

    def test_lists_with_commas(self):
        self.assert_offers("skulk-weights publish --artifact vindex,mt", "vindex,mtp")

    def test_files(self):
        self.assertIn("mine.yaml", self.offers("skulk-weights --config mi"))

    def test_what_cannot_be_told_is_silence(self):
        self.assert_offers("skulk-weights --config nowhere.yaml publish --model f")
        self.assert_offers("skulk-weights nonsense ")


class Bash(Shell):
    name = "bash"

    def lines(self, line, breaks="=:"):
        return self.run_shell(line, BASH, ["bash", "--norc", "--noprofile", "-c"], BREAKS=breaks)

    def offers(self, line, breaks="=:"):
        found = [text[6:] for text in self.lines(line, breaks) if text.startswith("offer ")]
        return [] if found == [""] else found

    def test_a_value_behind_an_equals_sign(self):
        # With "=" among the word breaks bash replaces what is behind it; without, the whole word.
        self.assertEqual(self.offers("skulk-weights publish --artifact=mt"), ["mtp"])
        self.assertEqual(self.offers("skulk-weights publish --artifact=mt", breaks=";"), ["--artifact=mtp"])
        self.assertEqual(self.offers("skulk-weights publish --model=foxlight/gemma-3-4b"), [KEY])
        self.assertEqual(self.offers("skulk-weights --config=mi"), ["mine.yaml"])
        self.assertEqual(self.offers("skulk-weights --config=mi", breaks=";"), ["--config=mine.yaml"])
        self.assertIn("mtp", self.offers("skulk-weights publish --artifact="))

    def test_a_colon_in_a_word(self):
        (self.room / "mine.yaml").rename(self.room / "on:e.yaml")
        self.assertEqual(self.offers("skulk-weights --manifest on:"), ["e.yaml"])
        self.assertEqual(self.offers("skulk-weights --manifest=on:e"), ["e.yaml"])
        self.assertEqual(self.offers("skulk-weights --manifest on:e.yaml publish --model o"), ["only-mine"])
        self.assertEqual(self.offers("skulk-weights --manifest on:", breaks=";"), ["on:e.yaml"])

    def test_no_blank_behind_a_field(self):
        self.assertEqual(self.lines("skulk-weights publish --set mtp_nam"), ["option nospace", "offer mtp_names="])

    def test_a_quoted_path_on_the_line(self):
        shutil.copy(self.room / "mine.yaml", self.room / "my file.yaml")
        words = r'skulk-weights --manifest "mine.yaml" publish --model o'
        self.assertEqual(self.offers(words), ["only-mine"])
        self.assertEqual(self.offers('skulk-weights --config "mi'), ["mine.yaml"])
        self.assertEqual(self.offers("skulk-weights --config=m\\i"), ["mine.yaml"])
        self.assertEqual(self.offers("skulk-weights --config='mi", breaks=";"), ["--config=mine.yaml"])

    def test_nothing_on_the_line_is_run(self):
        self.offers("skulk-weights --config $(touch${IFS}ran) publish --model ")
        self.offers("skulk-weights --config `touch${IFS}ran` publish --model ")
        self.assertFalse((self.room / "ran").exists())

    def test_it_completes_for_a_program_called_by_its_path(self):
        self.assertEqual(self.offers(f"{BIN}/skulk-weights publ"), ["publish"])


class Zsh(Shell):
    name = "zsh"

    def offers(self, line):
        for name in ("ready", "done", "offers"):
            (self.room / name).unlink(missing_ok=True)
        found = self.run_shell(line, ZSH, ["zsh", "-f", "-c"])
        self.assertTrue((self.room / "done").exists(), "zsh never came back")
        return [text[6:] for text in found if len(text) > 6]

    def test_a_value_behind_an_equals_sign(self):
        self.assert_offers("skulk-weights publish --artifact=mt", "--artifact=mtp")


class Fish(Shell):
    name = "fish"

    def offers(self, line):
        return [text[6:] for text in self.run_shell(line, FISH, ["fish", "--no-config", "-c"])
                if text.startswith("offer ")]

    def test_a_value_behind_an_equals_sign(self):
        self.assert_offers("skulk-weights publish --artifact=mt", "--artifact=mtp")
        self.assert_offers("skulk-weights --config=mi", "--config=mine.yaml")

    def test_a_part_of_a_key_is_enough(self):
        self.assert_offers("skulk-weights catalog show gemma-3-4b", KEY)


if __name__ == "__main__":
    unittest.main()
