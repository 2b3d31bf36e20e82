// gRPC reflection: tools that know nothing of us find out what there is to call, as grpcurl does.
import { credentials } from "@grpc/grpc-js";
import { GrpcReflection } from "grpc-js-reflection-client";
import { assert, suite } from "../harness.js";
import { startNode } from "./node.js";
import { clientOf } from "./peer.js";

const test = suite("reflection");

for (const version of ["v1", "v1alpha"]) {
  test(`a reflection client lists the services and finds their methods and messages, ${version}`, async (t) => {
    const node = await startNode(t);
    const client = new GrpcReflection(node.address, credentials.createInsecure(), {}, version);
    const services = await client.listServices();
    assert.equal([...services].sort(), [
      "grpc.health.v1.Health",
      "reprise.v1.Admin",
      "reprise.v1.Broker",
      "stream.StreamService",
    ]);
    const methods = await client.listMethods("reprise.v1.Broker");
    assert.equal(methods.map(({ name }) => name).sort(), [
      "Connect",
      "History",
      "Publish",
      "PublishStream",
      "Subscribe",
    ]);
    const descriptor = await client.getDescriptorBySymbol("reprise.v1.Admin");
    const loaded = descriptor.getPackageObject({ keepCase: true }) as unknown as {
      reprise: { v1: { Admin: { service: Record<string, { path: string }> } } };
    };
    assert.is(loaded.reprise.v1.Admin.service.ListNodes!.path, "/reprise.v1.Admin/ListNodes");
  });
}

test("what is not there, what is malformed and who goes in the middle harm nobody", async (t) => {
  const node = await startNode(t);
  const identity = (bytes: Buffer) => bytes;
  const call = (version: string) => {
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    const stream = clientOf(t, node.address).makeBidiStreamRequest(path, identity, identity);
    const answers: Buffer[] = [];
    stream.on("data", (answer: Buffer) => answers.push(answer));
    stream.on("error", () => {});
    const ended = new Promise<number>((resolve) => stream.on("status", ({ code }) => resolve(code)));
    return { stream, answers, ended };
  };
  for (const version of ["v1", "v1alpha"]) {
    const { stream, answers, ended } = call(version);
    // list_services; file_containing_symbol of something unknown, and of what every object has; nothing at all.
    for (const field of ["3a00", "2203612e62", "22095f5f70726f746f5f5f", ""]) stream.write(Buffer.from(field, "hex"));
    stream.end();
    assert.is(await ended, 0);
    assert.is(answers.length, 4);
    assert.match(answers[0]!.toString("latin1"), "stream.StreamService");
    assert.match(answers[1]!.toString("latin1"), "not found");
  }
  const malformed = call("v1");
  malformed.stream.write(Buffer.from("3aff", "hex"));
  assert.is(await malformed.ended, 3);
  const going = call("v1");
  for (let i = 0; i < 200; i++) going.stream.write(Buffer.from("3a00", "hex"));
  going.stream.cancel();
  assert.is(await going.ended, 1);
  const open = call("v1");
  open.stream.write(Buffer.from("3a00", "hex"));
  await new Promise((resolve) => open.stream.once("data", resolve));
  await node.close();
  assert.is(await open.ended, 14);
});

test.run();
