// SPDX-License-Identifier: Apache-2.0
// The unmodified JavaScript client on repos that skulk-weights published: published.mjs MODULES FACTS
// FACTS is a JSON file of published.py: the Hub, and for each repo its commit and local copies of its files.

import { createHash } from "node:crypto";
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [modules, factsFile] = process.argv.slice(2);
const hub = createRequire(join(modules, "package.json"))("@huggingface/hub");
const facts = JSON.parse(readFileSync(factsFile, "utf8"));
const base = { hubUrl: facts.hub, accessToken: facts.token };
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

async function all(iterable) {
    const out = [];
    for await (const one of iterable) { out.push(one); }
    return out;
}

for (const { repo: name, commit, source, files } of facts.repos) {
    const repo = { type: "model", name };
    const info = await hub.modelInfo({ ...base, name, additionalFields: ["sha", "cardData", "tags"] });
    assert.equal(info.sha, commit);
    assert.equal(info.cardData.base_model, source);
    assert.equal(info.cardData.foxlight.artifact_type, "mtp-sidecar");
    assert.ok(info.tags.includes("mtp-sidecar"));

    const listed = await all(hub.listFiles({ ...base, repo, recursive: true, expand: true }));
    assert.deepEqual(listed.map((one) => one.path).sort(), [".gitattributes", "LICENSE", "NOTICE", ...Object.keys(files)].sort());
    const weights = listed.find((one) => one.path === "mtp.safetensors");
    const card = listed.find((one) => one.path === "README.md");
    assert.equal(weights.lastCommit.id, commit);
    assert.equal(card.lastCommit.id, commit, "weights and card are one commit");

    for (const [path, local] of Object.entries(files)) {
        const bytes = readFileSync(local);
        assert.equal(listed.find((one) => one.path === path).size, bytes.length, path);
        const blob = await hub.downloadFile({ ...base, repo, path, revision: commit, xet: false });
        assert.deepEqual(Buffer.from(await blob.arrayBuffer()), bytes, path);
    }

    const bytes = readFileSync(files["mtp.safetensors"]);
    assert.equal(weights.lfs.oid, sha256(bytes));
    const blob = await hub.downloadFile({ ...base, repo, path: "mtp.safetensors", xet: false });
    assert.equal(blob.size, bytes.length);
    const begin = 8 + Number(bytes.readBigUInt64LE(0));
    // The length, the header, the border of header and data, a piece of the middle, the last bytes.
    const middle = bytes.length >> 1;
    for (const [from, to] of [[0, 8], [8, begin], [begin - 3, begin + 5], [middle, middle + 70_001],
                              [bytes.length - 7, bytes.length]]) {
        const piece = Buffer.from(await blob.slice(from, to).arrayBuffer());
        assert.deepEqual(piece, bytes.subarray(from, to), `${from}-${to}`);
    }
    const parsed = await hub.parseSafetensorsMetadata({ ...base, repo, path: "mtp.safetensors" });
    const header = JSON.parse(bytes.subarray(8, begin).toString());
    assert.deepEqual(parsed.header, header);
    assert.ok(Object.keys(header).length === 16, "15 tensors and the metadata");
    console.log(`ok  javascript reads ${name}, ${bytes.length} bytes`);
}
