// Static tokens and their file, certificates, and the guard that is made of what an operator says.

import { appendFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createToken, openGuard } from "../../src/auth/index.js";
import { readTokenFile } from "../../src/auth/static-token.js";
import { watchFile } from "../../src/auth/watched-file.js";
import { noLog } from "../../src/log/log.js";
import { failure } from "../failure.js";
import { assert, suite, type T, temporaryFolder, until } from "../harness.js";
import { collect } from "../log.js";
import { testGuard } from "./guard.js";

const test = suite("auth static tokens");

const never = Number.POSITIVE_INFINITY;

test("a token is found by its line, and of the line nobody makes the token", () => {
  const [ada, bob] = [createToken("ada"), createToken("bob", new Date("2099-01-01"))];
  assert.match(ada.token, /^rpr_[\w-]{43}$/);
  assert.is.not(ada.token, createToken("ada").token);
  const file = readTokenFile(`# tokens\n\n${ada.line} # hers\r\n  ${bob.line}\n`, "file");
  assert.not.match(ada.line, ada.token.slice(4));
  assert.equal([file.find(ada.token)!.name, file.find(ada.token)!.expiresAt], ["ada", never]);
  assert.equal([file.find(bob.token)!.name, file.find(bob.token)!.expiresAt], ["bob", Date.parse("2099-01-01")]);
  for (const wrong of ["", ada.token.slice(0, -1), `${ada.token} `, ada.line.split(":")[1]!]) {
    assert.is(file.find(wrong), undefined);
  }
  assert.ok(file.has(file.find(ada.token)!));
  assert.not.ok(readTokenFile(bob.line, "file").has(file.find(ada.token)!));
  assert.not.ok(
    readTokenFile(ada.line.replace("ada", "eve"), "file").has(file.find(ada.token)!),
    "it is another's now",
  );
});

test("a line that is none is named and not shown: it may be a token that somebody put there by mistake", async () => {
  const { token, line } = createToken("ada");
  const hash = line.split(" ")[1]!;
  for (const wrong of [
    token,
    `ada ${token}`,
    `ada ${hash.slice(0, -1)}`,
    `${line} expires=soon`,
    `${line} admin`,
    hash,
  ]) {
    const { code, message } = await failure((async () => readTokenFile(`\n${wrong}\n`, "file"))());
    assert.is(code, "invalid_argument");
    assert.match(message, "file, line 2: expected NAME sha256:HASH");
    assert.not.match(message, token);
    assert.not.match(message, hash.slice(7, 20));
  }
  for (const name of ["", "a b", "a#b", "a\nb", "x".repeat(65)]) {
    assert.is((await failure((async () => createToken(name))())).code, "invalid_argument", name);
  }
});

test("an expired token is told so, an unknown one is not told what there is", async (t) => {
  const { guard, tokenOf, changed } = testGuard(t, "");
  const [expired, good] = [tokenOf("ada", new Date(Date.now() - 1)), tokenOf("bob", new Date(Date.now() + 60_000))];
  await changed();
  assert.is((await guard.authenticate({ token: good })).name, "bob");
  assert.is((await failure(guard.authenticate({ token: expired }))).message, "the token has expired");
  for (const token of ["", "rpr_x", "x".repeat(20_000), "\u0000"]) {
    const { code, message } = await failure(guard.authenticate({ token }));
    assert.equal([code, message], ["unauthenticated", "the credentials are not valid"]);
  }
});

test("a certificate that TLS has verified is an identity, if that is asked for, until it expires", async (t) => {
  const of = (CN: string | string[] | undefined, valid_to = "Jan 31 12:00:00 2099 GMT") => ({
    certificate: { subject: { ...(CN !== undefined && { CN }) }, valid_to },
  });
  const { guard } = testGuard(t, "", { certificates: true });
  for (const name of ["ada", "a/b=c, CN=root", "Ada L. Ä", "*"]) {
    assert.equal(await guard.authenticate(of(name)), { name, expiresAt: Date.parse("2099-01-31T12:00:00Z") });
  }
  const odd = [undefined, "", ["a", "b"], ["root"], "a\nb", "root\0.evil.test", "x".repeat(65), "\ufffd", "\u009b2J"];
  for (const name of odd) {
    assert.is((await failure(guard.authenticate(of(name)))).code, "unauthenticated", JSON.stringify(name));
  }
  for (const time of ["Jan 31 12:00:00 2001 GMT", "soon", ""]) {
    const { code, message } = await failure(guard.authenticate(of("ada", time)));
    assert.equal([code, message], ["unauthenticated", "the certificate has expired"]);
  }
  // Who shows a token means it.
  assert.is((await failure(guard.authenticate({ token: "rpr_x", ...of("ada") }))).code, "unauthenticated");
  const { guard: without } = testGuard(t, "");
  assert.is((await failure(without.authenticate(of("ada")))).code, "unauthenticated");
});

function watched(t: T, text: string) {
  const path = join(temporaryFolder(t), "file");
  writeFileSync(path, text);
  const lines: string[] = [];
  const seen: string[] = [];
  const read = (now: string) => {
    seen.push(now);
    if (now.startsWith("bad")) throw new Error("bad");
    return now;
  };
  let changes = 0;
  const changed = () => {
    changes++;
  };
  const file = watchFile(path, { read, changed, log: collect(lines), everyMs: 5 });
  t.after(() => file.close());
  return { path, lines, seen, file, changes: () => changes };
}

test("a file is read again when it changes, by writing or by renaming; what is bad, half or gone changes nothing", async (t) => {
  const { path, lines, file, seen, changes } = watched(t, "one");
  assert.is(file.content, "one");
  writeFileSync(`${path}.new`, "two");
  renameSync(`${path}.new`, path);
  await until(() => file.content === "two", "it is read");
  writeFileSync(path, "bad");
  await until(() => lines.some((line) => line.includes("what was read before stays: bad")), "it is said");
  renameSync(path, `${path}.away`);
  await until(() => lines.some((line) => line.includes("ENOENT")), "it is said");
  assert.equal([file.content, changes()], ["two", 1]);
  writeFileSync(path, "three");
  await until(() => file.content === "three", "it is read");
  assert.is(lines.filter((line) => line.includes("stays: bad")).length, 1, "once");
  // Somebody writes it bit by bit, faster than it is looked at twice.
  for (let i = 0; i < 2_000; i++) writeFileSync(path, `four ${i}`);
  appendFileSync(path, "!");
  await until(() => file.content === "four 1999!", "it is read when it is whole");
  assert.ok(seen.length < 20, `${seen.length} of 2,000 were taken for whole`);
});

test("a guard that could recognize nobody, or lets nobody do anything, is none", async (t) => {
  const folder = temporaryFolder(t);
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const [tokens, policy] = [file("tokens", ""), file("policy", "")];
  const log = noLog;
  for (const options of [
    {},
    { policy },
    { tokens },
    { tokens, policy: join(folder, "none") },
    { tokens: folder, policy },
  ]) {
    const { code } = await failure((async () => openGuard({ log, ...options }))());
    assert.is(code, "invalid_argument", JSON.stringify(options));
  }
  openGuard({ log, tokens, policy }).close();
  assert.is(statSync(tokens).mode & 0o777, 0o600);
});

test.run();
