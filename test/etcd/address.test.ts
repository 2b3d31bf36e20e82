// The URL of an etcd.
import { parseEtcdAddress } from "../../src/etcd/address.js";
import { RepriseError } from "../../src/wire/errors.js";
import { assert, suite } from "../harness.js";

const test = suite("address of etcd");

test("endpoints, user, prefix and files are read from it", () => {
  assert.equal(parseEtcdAddress("etcd://localhost"), {
    endpoints: ["localhost:2379"],
    tls: undefined,
    user: undefined,
    prefix: "reprise/",
    where: "etcd://localhost:2379/reprise",
  });
  assert.equal(parseEtcdAddress("etcds://us%40er:p%2F%3Aw@a:1,[::1]:2,c/x/y%21/?ca=/f%20/ca.pem&cert=c&key=k"), {
    endpoints: ["a:1", "[::1]:2", "c:2379"],
    tls: { ca: "/f /ca.pem", cert: "c", key: "k" },
    user: { name: "us@er", password: "p/:w" },
    prefix: "x/y!/",
    where: "etcds://a:1,[::1]:2,c:2379/x/y!",
  });
  assert.is(parseEtcdAddress("etcd://a/").prefix, "reprise/");
  assert.equal(parseEtcdAddress("etcds://a").tls, {});
  assert.equal(parseEtcdAddress("etcd://u@a").user, { name: "u", password: "" });
  assert.equal(parseEtcdAddress("etcd://u:a:b@a").user, { name: "u", password: "a:b" });
});

test("what is none is refused, and not repeated: it may hold a password", () => {
  for (const text of [
    ...[
      "",
      "etcd:",
      "etcd://",
      "http://a",
      "etcd:///x",
      "etcd://secret@",
      "etcd://secret:secret@/x",
      "etcd://:secret@a",
    ],
    ...["etcd://a:0", "etcd://a:65536", "etcd://a:b", "etcd://a,,b", "etcd://a b", "etcd://secret@secret@a"],
    ...["etcd://a?ca=secret", "etcds://a?cert=secret", "etcds://a?other=secret", "etcd://a#secret", "etcd://::1"],
    ...["etcd://a/%", "etcd://%zz@a", "etcd://a/with%20space", `etcd://a/${"x".repeat(100)}`, "etcd://a/%C3%A4"],
  ]) {
    try {
      parseEtcdAddress(text);
    } catch (thrown) {
      assert.instance(thrown, RepriseError);
      assert.is((thrown as RepriseError).code, "invalid_argument");
      assert.not.match((thrown as RepriseError).message, "secret");
      continue;
    }
    assert.unreachable(text);
  }
});

test.run();
