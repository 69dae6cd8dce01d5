// SPDX-License-Identifier: Apache-2.0
// The unmodified JavaScript client @huggingface/hub against skulk-hub: javascript_client.mjs MODULES PROGRAM

import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { strict as assert } from "node:assert";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [modules, program] = process.argv.slice(2);
const hub = createRequire(join(modules, "package.json"))("@huggingface/hub");
const place = mkdtempSync(join(tmpdir(), "skulk-hub-javascript-"));
const ALICE = "hf_alice_write";
const BOB = "hf_bob_write";
const lines = [];

async function startHub() {
    mkdirSync(join(place, "root"));
    writeFileSync(join(place, "root", "tokens.json"), JSON.stringify({
        tokens: [{ token: ALICE, name: "alice", role: "write", orgs: ["acme"] },
                 { token: BOB, name: "bob", role: "write" }],
    }));
    const child = spawn(program, ["serve", "--root", join(place, "root"), "--log", "--page-size", "3",
                                  "--multipart-threshold", "3000000", "--part-size", "1000000"],
                        { stdio: ["ignore", "pipe", "inherit"] });
    const reader = createInterface({ input: child.stdout });
    const facts = await new Promise((resolve, reject) => {
        const found = {};
        child.once("exit", (code) => reject(new Error(`skulk-hub ended with ${code}`)));
        reader.on("line", (line) => {
            lines.push(line);
            const [, name, value] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
            found[name] = value;
            if (name === "stop") { resolve(found); }
        });
    });
    return { child, ...facts };
}

const server = await startHub();
const base = { hubUrl: server.hub, accessToken: ALICE };
const repo = { type: "model", name: "acme/from-javascript" };
const large = randomBytes(7_300_000);
const small = randomBytes(5_000);
const odd = ["with blank.txt", "a&b=c.txt", "hash#mark.txt", "what?.txt", "100%25 sure.txt", "one+one.txt",
             "gr\u00fc\u00dfe/\u6a21\u578b.txt"];
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

async function all(iterable) {
    const out = [];
    for await (const one of iterable) { out.push(one); }
    return out;
}
async function fails(status, promise) {
    await assert.rejects(promise, (error) => error.statusCode === status || assert.fail(error));
}
async function bytesOf(path, more = {}) {
    const blob = await hub.downloadFile({ ...base, repo, path, ...more });
    assert.ok(blob, path);
    return Buffer.from(await blob.arrayBuffer());
}

const checks = {
    async a_repo_is_created() {
        assert.equal((await hub.whoAmI(base)).name, "alice");
        const { repoUrl } = await hub.createRepo({ ...base, repo });
        assert.equal(repoUrl, `${server.hub}/${repo.name}`);
        await fails(409, hub.createRepo({ ...base, repo }));
        assert.ok(await hub.repoExists({ ...base, repo }));
        assert.ok(!(await hub.repoExists({ ...base, repo: { type: "model", name: "acme/nothing" } })));
    },
    async a_folder_is_uploaded() {
        const files = [
            ["config.json", Buffer.from('{"a": 1}')], ["empty.txt", Buffer.alloc(0)],
            ["README.md", Buffer.from("---\nlicense: mit\n---\n# x\n")], ["sub/small.bin", small],
            ["large.safetensors", large], ["unruly", small.subarray(0, 3000)],
        ];
        const done = await hub.uploadFiles({
            ...base, repo, commitTitle: "First", useXet: false,
            files: files.map(([path, bytes]) => ({ path, content: new Blob([bytes]) })),
        });
        assert.match(done.commit.oid, /^[0-9a-f]{40}$/);
        assert.equal(done.commit.url, `${server.hub}/${repo.name}/commit/${done.commit.oid}`);
        for (const [path, bytes] of files) {
            assert.deepEqual(await bytesOf(path, { xet: false }), Buffer.from(bytes), path);
        }
        assert.equal(await hub.countCommits({ ...base, repo }), 2);
    },
    async xet_is_offered_and_declined() {
        const bytes = randomBytes(4_000);
        await hub.uploadFile({ ...base, repo, file: { path: "negotiated.bin", content: new Blob([bytes]) } });
        assert.deepEqual(await bytesOf("negotiated.bin"), bytes);
    },
    async ranges_are_read() {
        const blob = await hub.downloadFile({ ...base, repo, path: "large.safetensors" });
        assert.equal(blob.size, large.length);
        for (const [begin, end] of [[0, 8], [1_000_000, 1_070_000], [7_299_990, 7_300_000]]) {
            const piece = Buffer.from(await blob.slice(begin, end).arrayBuffer());
            assert.deepEqual(piece, large.subarray(begin, end), `${begin}-${end}`);
        }
        const facts = await hub.fileDownloadInfo({ ...base, repo, path: "large.safetensors" });
        assert.equal(facts.size, large.length);
        assert.equal(facts.etag, `"${sha256(large)}"`);
        const pointer = await bytesOf("large.safetensors", { raw: true });
        assert.match(pointer.toString(), new RegExp(`oid sha256:${sha256(large)}\nsize ${large.length}\n`));
    },
    async listings_are_paged() {
        const entries = await all(hub.listFiles({ ...base, repo, recursive: true, expand: true }));
        assert.deepEqual(entries.map((one) => one.path).sort(),
                         [".gitattributes", "README.md", "config.json", "empty.txt", "large.safetensors",
                          "negotiated.bin", "sub", "sub/small.bin", "unruly"]);
        assert.ok(entries.every((one) => one.lastCommit.title));
        assert.equal(entries.find((one) => one.path === "large.safetensors").lfs.oid, sha256(large));
        assert.equal((await all(hub.listCommits({ ...base, repo }))).length, 3);
        for (let number = 0; number < 4; ++number) {
            await hub.createRepo({ ...base, repo: { type: "model", name: `acme/listed-${number}` } });
        }
        assert.equal((await all(hub.listModels({ ...base, search: { owner: "acme" } }))).length, 5);
        assert.equal((await hub.modelInfo({ ...base, name: repo.name })).name, repo.name);
        const found = await hub.pathsInfo({ ...base, repo, paths: ["config.json", "nothing", "sub"] });
        assert.deepEqual(found.map((one) => one.path), ["config.json", "sub"]);
    },
    async odd_names_survive() {
        const files = odd.map((path) => ({ path, content: new Blob([path]) }));
        await hub.uploadFiles({ ...base, repo, files });
        for (const path of odd) {
            // This client puts the path into the address as it is given, so the caller encodes it.
            assert.equal((await bytesOf(path.split("/").map(encodeURIComponent).join("/"))).toString(), path);
        }
        await hub.deleteFiles({ ...base, repo, paths: odd });
        assert.ok(!(await hub.fileExists({ ...base, repo, path: odd[0] })));
    },
    async access_is_checked() {
        await fails(401, hub.whoAmI({ ...base, accessToken: "hf_unknown" }));
        const hidden = { type: "model", name: "acme/hidden" };
        await hub.createRepo({ ...base, repo: hidden, private: true });
        await hub.checkRepoAccess({ ...base, repo: hidden });
        await fails(404, hub.checkRepoAccess({ ...base, repo: hidden, accessToken: BOB }));
        await fails(401, hub.checkRepoAccess({ hubUrl: server.hub, repo: hidden }));
        await fails(403, hub.uploadFile({ ...base, repo, accessToken: BOB,
                                          file: { path: "x", content: new Blob(["x"]) } }));
    },
    async branches_and_pull_requests_work() {
        const head = (await hub.modelInfo({ ...base, name: repo.name, additionalFields: ["sha"] })).sha;
        await hub.createBranch({ ...base, repo, branch: "side" });
        await fails(409, hub.createBranch({ ...base, repo, branch: "side" }));
        await hub.deleteBranch({ ...base, repo, branch: "side" });
        const file = { path: "p.txt", content: new Blob(["p"]) };
        const proposal = await hub.uploadFiles({ ...base, repo, files: [file], isPullRequest: true });
        assert.ok(proposal.pullRequestUrl.startsWith(server.hub));
        assert.deepEqual(await bytesOf("p.txt", { revision: "refs/pr/1" }), Buffer.from("p"));
        await hub.uploadFiles({ ...base, repo, files: [file], parentCommit: head });
        const late = { ...base, repo, files: [{ ...file, path: "q.txt" }], parentCommit: head };
        await fails(412, hub.uploadFiles(late));
    },
    async collections_work() {
        const collection = { title: "Mine", namespace: "acme" };
        const { slug } = await hub.createCollection({ ...base, collection });
        await hub.addCollectionItem?.({ ...base, slug, item: { type: "model", id: repo.name } });
        const listed = await all(hub.listCollections({ ...base, search: { owner: ["acme"] } }));
        assert.deepEqual(listed.map((one) => one.slug), [slug]);
        await hub.deleteCollection({ ...base, slug });
        assert.equal((await all(hub.listCollections({ ...base, search: { owner: ["acme"] } }))).length, 0);
    },
    async a_deleted_repo_is_gone() {
        await hub.deleteRepo({ ...base, repo });
        await fails(404, hub.modelInfo({ ...base, name: repo.name }));
    },
};

let code = 1;
try {
    for (const [name, check] of Object.entries(checks)) {
        const begin = performance.now();
        await check();
        console.log(`ok  ${name}  ${((performance.now() - begin) / 1000).toFixed(1)} s`);
    }
    const ended = new Promise((resolve) => server.child.once("close", resolve));
    server.child.kill("SIGTERM");
    assert.equal(await ended, 0, "a clean end");
    const log = lines.join("\n");
    assert.ok(log.includes("complete_multipart") && log.includes("/parts/"), "no upload in parts took place");
    assert.ok(!log.includes(ALICE) && !log.includes("Signature="), "a secret in the log");
    code = 0;
} catch (error) {
    console.error(error);
} finally {
    server.child.kill("SIGKILL");
    rmSync(place, { recursive: true, force: true });
}
process.exit(code);
