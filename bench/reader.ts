// Reads the channel "bench" from its first message to its last in one way (see iterate.ts), and says what that cost.
import { Client, credentials } from "@grpc/grpc-js";
import grpcBroker from "../generated/reprise/v1/broker_grpc_pb.js";
import pb from "../generated/reprise/v1/broker_pb.js";
import { connect } from "../src/client/index.js";
import { readServerFrame } from "../src/wire/server-frame.js";

const [address, way, count] = [process.argv[2]!, process.argv[3]!, Number(process.argv[4])];

async function readHeaders(): Promise<number> {
  const client = new Client(address, credentials.createInsecure(), {
    "grpc-node.flow_control_window": 1024 * 1024,
    "grpc.max_receive_message_length": -1,
  });
  const { path, requestSerialize } = grpcBroker.BrokerService.subscribe;
  const subscribe = new pb.Subscribe().setChannel("bench").setStart(new pb.Start().setEarliest(true));
  const request = new pb.SubscribeRequest().setSubscriptionsList([subscribe]);
  const call = client.makeServerStreamRequest(path, requestSerialize, (bytes: Buffer) => bytes, request);
  let last = 0;
  for await (const frame of call) {
    for (const item of readServerFrame(frame)) {
      if (item.kind === "batch") last = item.batch.first + item.batch.count - 1;
    }
    if (last === count) break;
  }
  client.close();
  return last;
}

async function readMessages(): Promise<number> {
  await using bus = await connect(address);
  const subscription = bus.subscribe("bench", { from: "earliest" });
  let last = 0;
  let bytes = 0;
  if (way === "batches") {
    for await (const batch of subscription.batches()) {
      last = batch.at(-1)!.offset;
      if (last === count) break;
    }
  } else if (way === "messages") {
    for await (const message of subscription) {
      last = message.offset;
      if (last === count) break;
    }
  } else {
    for await (const message of subscription) {
      last = message.offset;
      bytes += message.data.length;
      if (last === count) break;
    }
    if (bytes === 0) throw new Error("no data");
  }
  return last;
}

const begun = performance.now();
const before = process.cpuUsage();
const last = await (way === "headers" ? readHeaders() : readMessages());
if (last !== count) throw new Error(`read up to ${last} of ${count}`);
const { user, system } = process.cpuUsage(before);
process.send!({ seconds: (performance.now() - begun) / 1_000, cpu: user + system });
process.disconnect();
