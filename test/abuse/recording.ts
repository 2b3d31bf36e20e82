// What real clients say to a node, to each method of each service.
import { get } from "node:http";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import adminPb from "../../generated/reprise/v1/admin_pb.js";
import { connect } from "../../src/client/index.js";
import { callPublish, openImport } from "../broker/calls.js";
import { openLines } from "../broker/line-peer.js";
import { subscribeCall } from "../broker/peer.js";
import { type T, until } from "../scope.js";
import { type Recording, startRecorder } from "./recorder.js";
import type { Target } from "./target.js";

/** For reflection. */
const listServices = Buffer.from("3a012a", "hex");

/** Each makes use of one service, as its clients do. */
const uses: Record<string, (t: T, address: string) => Promise<void>> = {
  async broker(_, address) {
    await using bus = await connect(address, { name: "recorded" });
    const subscription = bus.subscribe("recorded", { from: "earliest" });
    await subscription.ready;
    await bus.publish("recorded", "first", { headers: { kind: "greeting" } });
    await bus.publish("recorded", Buffer.alloc(3_000, "x"));
    const seen: string[] = [];
    for await (const { text } of subscription) if (seen.push(text) === 2) break;
    for await (const _message of bus.history("recorded", { from: "earliest" }));
  },
  async members(_, address) {
    await using bus = await connect(address, { name: "recorded" });
    const presence = bus.presence("recorded");
    await presence.ready;
    const membership = await bus.enter("recorded", { metadata: { kind: "recorded" } });
    await membership.leave();
    await presence.close();
  },
  async calls(t, address) {
    await callPublish(t, address, "recorded", ["third", "fourth"]);
    const bulk = openImport(t, address);
    bulk.send("recorded", ["fifth"]);
    await bulk.finish();
    const peer = subscribeCall(t, address, { recorded: { from: "earliest" } });
    await peer.hears("recorded", 5);
    peer.cancel();
  },
  async admin(_, address) {
    await using bus = await connect(address, { name: "recorded" });
    const { admin } = bus;
    const [own] = (await admin.sessions()).filter(({ name }) => name === "recorded");
    await bus.channel("recorded");
    for await (const _channel of bus.channels({ prefix: "recorded" }));
    await bus.members("recorded");
    await admin.slow();
    await admin.retention();
    await admin.setRetention("recorded", "messages=100");
    await admin.events({ channel: "recorded" });
    await admin.activity();
    await admin.trim("recorded", 2);
    await admin.delete("recorded");
    await admin.disconnect(own!.session).catch(() => {});
  },
  async lines(t, address) {
    const peer = openLines(t, address, { channel: "recorded", replay: "all", pid: 7 });
    peer.say("a line", "another");
    await peer.hears(2);
    peer.halfClose();
    await peer.end();
  },
  health: (t, address) => ask(t, address, "/grpc.health.v1.Health/Check", Buffer.from("0a00", "hex")),
  watch: (t, address) => ask(t, address, "/grpc.health.v1.Health/Watch", Buffer.from("0a00", "hex")),
  list: (t, address) => ask(t, address, "/grpc.health.v1.Health/List", Buffer.alloc(0)),
  reflection: (t, address) =>
    ask(t, address, "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", listServices),
  reflectionBefore: (t, address) =>
    ask(t, address, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", listServices),
  nodes: (t, address) =>
    ask(t, address, "/reprise.v1.Admin/ListNodes", Buffer.from(new adminPb.ListNodesRequest().serializeBinary())),
};

const identity = (bytes: Buffer) => bytes;

/** Sends a request and waits for an answer. */
async function ask(t: T, address: string, path: string, request: Buffer): Promise<void> {
  const client = new Client(address, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });
  t.after(() => client.close());
  const call = client.makeBidiStreamRequest(path, identity, identity, new Metadata());
  let answered = false;
  call.on("error", () => {});
  call.on("data", () => {
    answered = true;
  });
  call.write(request);
  call.end();
  await until(() => answered, `${path} answers`, 20_000);
  call.cancel();
}

const pages = ["/livez", "/readyz", "/metrics", "/nothing"];

/** Records a little traffic of every service of a node. */
export async function record(t: T, { port, httpPort }: Target): Promise<Recording[]> {
  const recordings: Recording[] = [];
  for (const [name, use] of Object.entries(uses)) {
    const recorder = await startRecorder(port);
    const cleanups: (() => unknown)[] = [];
    await use({ after: (cleanup) => void cleanups.push(cleanup), signal: t.signal }, recorder.address);
    for (const cleanup of cleanups.reverse()) await cleanup();
    for (const bytes of await recorder.stop()) recordings.push({ name, bytes, to: "port" });
  }
  const recorder = await startRecorder(httpPort);
  for (const page of pages) {
    await new Promise<void>((resolve, reject) => {
      const request = get(`http://${recorder.address}${page}`, { agent: false }, (response) => {
        response.resume();
        response.on("end", resolve);
      });
      request.on("error", reject);
    });
  }
  for (const bytes of await recorder.stop()) recordings.push({ name: "gateway", bytes, to: "httpPort" });
  return recordings;
}
