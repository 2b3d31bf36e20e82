// A client certificate that cannot be replaced, since the bus was given its text (P-41). Of files: expiry.test.ts.
import { readFileSync } from "node:fs";
import type { State } from "../../src/client/index.js";
import { inHours, makeCertificates } from "../certificates.js";
import { assert, suite, until } from "../harness.js";
import { open, startTls } from "../tls/node.js";
import { testGuard } from "./guard.js";

const test = suite("auth certificates");

test("a bus that has nothing else to show when its certificate has expired fails", async (t) => {
  const { ca, server, client } = await makeCertificates(t);
  // The day for which it is good is over at once.
  const graceMs = Date.now() - inHours(48).getTime();
  const policy = `\n  client: { rules: [{ allow: all, channels: "*" }] }\n`;
  const { guard } = testGuard(t, policy, { certificates: true, graceMs });
  const node = await startTls(t, { ...server, clientCa: ca }, { guard });
  const [cert, key] = [client.cert, client.key].map((path) => readFileSync(path, "utf8"));
  const bus = await open(t, node.address, { ca, cert, key });
  await until(() => bus.state.kind === "failed", "it fails");
  const { error } = bus.state as Extract<State, { kind: "failed" }>;
  assert.equal(
    [error.code, error.message],
    ["unauthenticated", "the credentials have expired and were not renewed in time"],
  );
});

test.run();
