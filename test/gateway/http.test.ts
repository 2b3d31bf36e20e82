// The HTTP side itself: what there is, what there is not, and that nobody can hold it up.
import { connect } from "node:net";
import { serveHttp } from "../../src/gateway/http.js";
import { RepriseError } from "../../src/wire/errors.js";
import { assert, suite, type T, until } from "../harness.js";
import { startGateway } from "./scrape.js";

const test = suite("http");

/** What a server answers to bytes, until it closes the connection or `enough` was heard. */
function raw(t: T, url: string, bytes: string) {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname, () => socket.write(bytes));
  const heard = { text: "", closed: false };
  socket.setEncoding("latin1").on("data", (text) => {
    heard.text += text;
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    heard.closed = true;
  });
  t.after(() => socket.destroy());
  return heard;
}

test("there are three paths, to be read", async (t) => {
  const { url } = await startGateway(t);
  const live = await fetch(`${url}/livez?why=not`);
  assert.is(live.status, 200);
  assert.is(await live.text(), "ok\n");
  const metrics = await fetch(`${url}/metrics`);
  assert.match(metrics.headers.get("content-type")!, "text/plain; version=0.0.4");
  const head = await fetch(`${url}/metrics`, { method: "HEAD" });
  assert.is(head.status, 200);
  assert.is(await head.text(), "");
  assert.ok(Number(head.headers.get("content-length")) > 1_000);
  for (const path of ["/", "/metrics/", "/toString", "/__proto__", "//livez"]) {
    assert.is((await fetch(url + path)).status, 404, path);
  }
  const post = await fetch(`${url}/metrics`, { method: "POST", body: "x".repeat(100_000) });
  assert.is(post.status, 405);
  assert.is(post.headers.get("allow"), "GET, HEAD");
});

test("what is no HTTP is refused, and what never ends is cut", async (t) => {
  const { url, close } = await startGateway(t);
  const garbage = raw(t, url, "\x16\x03\x01 hello\r\n\r\n");
  const large = raw(t, url, `GET /livez HTTP/1.1\r\nx: ${"y".repeat(20_000)}\r\n\r\n`);
  await until(() => garbage.closed && large.closed, "they are cut");
  assert.match(garbage.text, "400");
  assert.match(large.text, "431");
  const slow = raw(t, url, "GET /livez HTTP/1.1\r\nhost: x\r\nx-slow: ");
  await until(() => slow.closed, "a request without an end is cut", 12_000);
  assert.match(slow.text, "408");
  // Open ones do not hold up the end.
  const idle = raw(t, url, "GET /livez HTTP/1.1\r\nhost: x\r\n\r\n");
  const silent = raw(t, url, "");
  await until(() => idle.text.includes("ok"), "it is kept open");
  await close();
  await until(() => idle.closed && silent.closed, "they are cut");
});

test("a path that fails is an error of its own; an address that will not do is refused", async (t) => {
  const server = await serveHttp("127.0.0.1:0", {
    "/fails": () => Promise.reject(new Error("a secret")),
    "/works": () => ({ status: 200, type: "text/plain", body: "fine" }),
  });
  t.after(() => server.close());
  const failed = await fetch(`http://${server.address}/fails`);
  assert.is(failed.status, 500);
  assert.not.match(await failed.text(), "secret");
  assert.is(await (await fetch(`http://${server.address}/works`)).text(), "fine");
  const codeOf = (listen: string) =>
    serveHttp(listen, {}).then(
      () => "it listens",
      (thrown: unknown) => (thrown instanceof RepriseError ? thrown.code : String(thrown)),
    );
  assert.is(await codeOf(server.address), "unavailable");
  assert.is(await codeOf("9090"), "invalid_argument");
});

test("who sends the next request before the last is answered is cut; who asks with others gets their answer", async (t) => {
  const answers: ((body: string) => void)[] = [];
  const slow = () => new Promise<string>((resolve) => answers.push(resolve));
  const server = await serveHttp("127.0.0.1:0", {
    "/slow": async () => ({ status: 200, type: "text/plain", body: await slow() }),
  });
  t.after(() => server.close());
  const url = `http://${server.address}`;
  const request = "GET /slow HTTP/1.1\r\nhost: x\r\n\r\n";
  const eager = raw(t, url, request + request);
  await until(() => eager.closed, "it is cut");
  assert.is(eager.text, "");
  const patient = [raw(t, url, request), raw(t, url, request)];
  // Both are with the server when an answer to another path, asked for later, is there.
  assert.is((await fetch(`${url}/other`)).status, 404);
  assert.is(answers.length, 1);
  answers[0]!("the same");
  await until(() => patient.every(({ text }) => text.endsWith("the same")), "both are answered");
});

test("who holds all connections keeps nobody out: the one goes that has asked for nothing for longest", async (t) => {
  const { url } = await startGateway(t);
  const request = "GET /livez HTTP/1.1\r\nhost: x\r\n\r\n";
  const asking = raw(t, url, request);
  await until(() => asking.text.includes("ok"), "it is answered");
  const idle = Array.from({ length: 99 }, () => raw(t, url, ""));
  const last = raw(t, url, request);
  await until(() => last.text.includes("ok"), "a probe is answered");
  await until(() => [asking, ...idle].some(({ closed }) => closed), "one had to go");
  assert.is([asking, ...idle].filter(({ closed }) => closed).length, 1);
});

test.run();
