// Messages that go out on several calls are framed once. That rests on a method of grpc-js that is not public: a version
// without it must be noticed, since all would still work, for half as much again.
import { randomBytes } from "node:crypto";
import { Client, credentials, Server, ServerCredentials, type ServerWritableStream } from "@grpc/grpc-js";
import { frameOnce } from "../../src/broker/framing.js";
import { assert, suite, until } from "../harness.js";

const test = suite("framing");

test("what is written to many calls in turn arrives at each as it is, whether it was written just before or not", async (t) => {
  const identity = (bytes: Buffer) => bytes;
  const method = {
    path: "/test/watch",
    requestStream: false,
    responseStream: true,
    requestSerialize: identity,
    requestDeserialize: identity,
    responseSerialize: identity,
    responseDeserialize: identity,
  } as const;
  const calls: ServerWritableStream<Buffer, Buffer>[] = [];
  const server = new Server();
  const watch = (call: ServerWritableStream<Buffer, Buffer>) => {
    assert.ok(frameOnce(call), "this grpc-js has the method");
    calls.push(call);
  };
  server.addService({ watch: method }, { watch });
  t.after(() => server.forceShutdown());
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  t.after(() => client.close());
  const received = [0, 1, 2].map(() => {
    const messages: Buffer[] = [];
    const call = client.makeServerStreamRequest(method.path, identity, identity, Buffer.alloc(0));
    call.on("data", (message: Buffer) => messages.push(message));
    call.on("error", () => {});
    return messages;
  });
  await until(() => calls.length === received.length, "all are there");
  const [large, small, empty] = [randomBytes(100_000), randomBytes(7), Buffer.alloc(0)];
  const written = [large, large, small, empty, large, randomBytes(300), small];
  for (const message of written) for (const call of calls) call.write(message);
  // As sessions of which some asked for compressed batches.
  const alternating = [large, small, large, small, empty];
  for (const call of calls) for (const message of alternating) call.write(message);
  written.push(...alternating);
  await until(() => received.every(({ length }) => length === written.length), "all have arrived");
  for (const messages of received) assert.equal(messages, written);
  for (const call of calls) call.end();
});

test.run();
