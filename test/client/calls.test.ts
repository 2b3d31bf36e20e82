// Calls beside the stream, when the connection does not stay.
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { createCall } from "../../src/client/calls.js";
import { readChannel } from "../../src/client/channels.js";
import type { Connection } from "../../src/client/connection.js";
import { RepriseError } from "../../src/client/index.js";
import { createState } from "../../src/client/state.js";
import { assert, suite, type T } from "../harness.js";
import { startNode } from "./node.js";

const test = suite("calls beside the stream");

function open(t: T, address: string): Connection {
  const client = new Client(address, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });
  t.after(() => client.close());
  return { address, client, metadata: new Metadata(), send: () => {}, renew: () => {}, close: () => client.close() };
}

test("a call that has just been given a connection, which is then closed, is made on the next one", async (t) => {
  const { address } = await startNode(t);
  const [first, second] = [open(t, address), open(t, address)];
  const link = { connection: first };
  const call = createCall(link, createState({ kind: "connecting", address }));
  const asked = readChannel(call, "nowhere", {}).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  // In the same turn, as the outbox leaves a node when its producer has become useless.
  first.close();
  link.connection = second;
  const thrown = await asked;
  assert.ok(thrown instanceof RepriseError, String(thrown));
  assert.is(thrown.code, "channel_not_found");
});

test.run();
