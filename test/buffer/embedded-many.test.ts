// Many channels, and the names of their files.
import { readdirSync } from "node:fs";
import fc from "fast-check";
import { Log } from "../../src/buffer/embedded/log.js";
import { fileName, parseFileName } from "../../src/buffer/embedded/name.js";
import { startSweeping } from "../../src/buffer/embedded/sweep.js";
import { maxChannelLength } from "../../src/wire/channel.js";
import { assert, suite, temporaryFolder, until } from "../harness.js";
import { asStored, store } from "./contract/open.js";
import { open } from "./embedded/folder.js";
import { openShelf } from "./embedded/shelf.js";
import { readLog } from "./log.js";
import { contents, run } from "./run.js";

const test = suite("embedded: many channels");

const openFiles = (): number => (process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0);

test(
  "4,000 channels: appended to, opened again, read and appended to, with few files open",
  async (t) => {
    const folder = temporaryFolder(t);
    const names = Array.from({ length: 4_000 }, (_, i) => `room/${i}`);
    let buffer = await open(t, { folder });
    const before = openFiles();
    await Promise.all(names.map((name) => store(buffer, name, run("p", 1, [name]))));
    assert.ok(openFiles() - before <= 300, `${openFiles() - before} files are open`);
    await buffer.close();
    buffer = await open(t, { folder });
    assert.is((await buffer.channels("room/", undefined, 20_000)).channels.length, 4_000);
    await Promise.all(
      names.map(async (name) => {
        assert.equal((await readLog(buffer, name)).contents, [name]);
      }),
    );
    assert.ok(openFiles() - before <= 300, `${openFiles() - before} files are open`);
    const again = names.slice(0, 1_000);
    await Promise.all(again.map((name) => store(buffer, name, run("p", 2, [name]))));
    for (const name of again.slice(0, 10)) assert.equal((await readLog(buffer, name)).contents, [name, name]);
  },
  { timeoutMs: 90_000 },
);

test("a log that nobody uses is closed, and goes on where it was", async (t) => {
  const shelf = openShelf(t, temporaryFolder(t), "everysec");
  const log = new Log(shelf, "c", []);
  const changes: unknown[] = [];
  const contentsTold: string[] = [];
  await log.watch({
    stretch: (stretch) => contentsTold.push(...("messages" in stretch ? contents(stretch.messages) : ["a gap"])),
    changed: (state) => changes.push(state),
  });
  await log.append([run("p", 1, ["1"])]);
  const before = await log.state();
  t.after(startSweeping(shelf, new Map([["c", log]])));
  log.idle = 300;
  await until(() => !log.opened, "it is closed");
  assert.equal(await log.state(), before);
  log.idle = 300;
  await until(() => !log.opened, "it is closed again");
  const [outcome] = await log.append([run("p", 2, ["2"])]);
  assert.is(asStored(outcome).epoch, before!.epochs[0]!.epoch);
  assert.equal(contentsTold, ["1", "2"]);
  assert.equal(changes, []);
});

const inner = "abzABZ019._:/@-";
const channel = fc
  .tuple(
    fc.constantFrom(...inner.slice(0, 9)),
    fc.string({ unit: fc.constantFrom(...inner), maxLength: maxChannelLength - 1 }),
  )
  .map(([first, rest]) => first + rest);

test("the name of a segment's file tells what it was made of", () => {
  const first = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
  const marker = fc.integer({ min: 1, max: 2 ** 32 - 1 });
  fc.assert(
    fc.property(channel, first, marker, (channel, first, marker) => {
      const file = fileName({ channel, first, marker });
      assert.equal(parseFileName(file), { channel, first, marker });
      assert.ok(file.length <= 255);
      assert.match(file, /^[a-z0-9][a-z0-9._=+~%,-]*$/);
    }),
  );
});

test("channels that differ have files that differ, also where case does not count", () => {
  fc.assert(
    fc.property(channel, channel, (a, b) => {
      const [one, other] = [a, b].map((channel) => fileName({ channel, first: 1, marker: 1 }).toLowerCase());
      assert.is(one === other, a === b);
    }),
  );
});

test("what is no segment is not taken for one", () => {
  const good = "chat.lobby%84,0000000000000001-9f86d081.log";
  assert.equal(parseFileName(good)?.channel, "Chat.Lobby");
  const bad = [
    "",
    ".log",
    "chat.log",
    good.replace(".log", ""),
    good.replace("%84", "%840"),
    good.replace("%84", "%08"),
    good.replace("%84", "%84001"),
    good.replace("chat", "Chat"),
    good.replace("chat", ".chat"),
    good.replace("0001-", "0000-"),
    good.replace("9f86d081", "00000000"),
    good.replace(",", ";"),
    `../${good}`,
  ];
  for (const name of bad) assert.is(parseFileName(name), undefined, name);
});

test.run();
