// The call `PublishStream`, with a key on its first request (P-21): the whole of it is repeated, at whatever node, until
// there is a summary.
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { ServiceError } from "@grpc/grpc-js";
import pb from "../../generated/reprise/v1/broker_pb.js";
import { brokerAt, codeOf, isPassing } from "./stubs.js";
import { encode, impatience, type Means, type Outgoing, retryMs, type Way } from "./way.js";

type Summary = InstanceType<typeof pb.PublishSummary>;
type Request = InstanceType<typeof pb.PublishRequest>;

const answerMs = 10_000;

export const publishStream: Way = {
  lot: "any",
  most: 40,
  leastBytes: () => 0,
  resends: true,
  open: (means) => async (lot) => {
    const requests = requestsOf(means.who, lot);
    for (let attempt = 0; !means.late.aborted; attempt++) {
      const answer = await once(means, requests, attempt);
      if (!(answer instanceof Error)) return settle(means, lot, answer);
      const code = codeOf(answer);
      if (!isPassing(code)) {
        for (const message of lot) means.failed(message, code!);
        return;
      }
      await delay(retryMs);
    }
  },
};

/** Messages of one channel that follow each other go into one request. */
function requestsOf(who: string, lot: readonly Outgoing[]): Request[] {
  const requests: Request[] = [];
  for (const message of lot) {
    const last = requests.at(-1);
    if (last?.getChannel() === message.channel) last.addMessages(encode(message));
    else {
      const request = new pb.PublishRequest().setChannel(message.channel).setName(who);
      requests.push(request.setMessagesList([encode(message)]));
    }
  }
  requests[0]!.setIdempotencyKey(randomBytes(16));
  return requests;
}

const once = ({ addresses, random }: Means, requests: readonly Request[], attempt: number) =>
  new Promise<Summary | ServiceError>((resolve) => {
    const client = brokerAt(addresses[attempt % addresses.length]!);
    const deadline = Date.now() + answerMs;
    const call = client.publishStream({ deadline }, (error, summary) => resolve(error ?? summary));
    // What is written to a call that has failed is told to its callback.
    call.on("error", () => {});
    for (const request of requests) call.write(request);
    if (random.chance(0.5)) call.end();
    else setTimeout(() => call.end(), random.between(0, 20));
    if (random.chance(impatience)) setTimeout(() => call.cancel(), random.between(0, 30));
  });

/** Of each channel it is said where the last message is. */
function settle({ acked }: Means, lot: readonly Outgoing[], summary: Summary): void {
  if (summary.getMessages() !== lot.length) throw new Error(`${summary.getMessages()} of ${lot.length} are answered`);
  const lastOf = new Map(lot.map((message) => [message.channel, message]));
  const positions = new Map(summary.getPositionsList().map((one) => [one.getChannel(), one.getPosition()]));
  for (const message of lot) {
    const position = lastOf.get(message.channel) === message ? positions.get(message.channel) : undefined;
    acked(message, position?.getEpoch() ?? 0, position?.getOffset() ?? 0);
  }
}
