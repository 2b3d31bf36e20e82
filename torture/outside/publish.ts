// The call `Publish`, with a key of its own for each (P-20): repeated with it, at whatever node, until it is answered.
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Metadata, type ServiceError } from "@grpc/grpc-js";
import pb from "../../generated/reprise/v1/broker_pb.js";
import { brokerAt, codeOf, isPassing } from "./stubs.js";
import { encode, impatience, type Means, retryMs, type Way } from "./way.js";

type Response = InstanceType<typeof pb.PublishResponse>;

const answerMs = 5_000;

export const publish: Way = {
  lot: "channel",
  most: 8,
  leastBytes: () => 0,
  resends: true,
  open: (means) => async (lot) => {
    const request = new pb.PublishRequest()
      .setChannel(lot[0]!.channel)
      .setIdempotencyKey(randomBytes(16))
      .setName(means.who)
      .setMessagesList(lot.map(encode));
    for (let attempt = 0; !means.late.aborted; attempt++) {
      const answer = await once(means, request, attempt);
      if (answer instanceof Error) {
        const code = codeOf(answer);
        if (!isPassing(code)) {
          for (const message of lot) means.failed(message, code!);
          return;
        }
        await delay(retryMs);
        continue;
      }
      const places = placesIn(answer);
      if (places.length !== lot.length) throw new Error(`${places.length} of ${lot.length} are answered`);
      lot.forEach((message, i) => void means.acked(message, places[i]!.epoch, places[i]!.offset));
      return;
    }
  },
};

/** Of each message; offset 0 where nobody knows it. */
function placesIn(answer: Response): { epoch: number; offset: number }[] {
  const runs = answer.getRunsList();
  return (runs.length > 0 ? runs : [answer]).flatMap((run) => {
    const [epoch, first] = [run.getEpoch(), run.getFirstOffset()];
    return Array.from({ length: run.getCount() }, (_, i) => ({ epoch, offset: first === 0 ? 0 : first + i }));
  });
}

const once = ({ addresses, random }: Means, request: InstanceType<typeof pb.PublishRequest>, attempt: number) =>
  new Promise<Response | ServiceError>((resolve) => {
    const client = brokerAt(addresses[attempt % addresses.length]!);
    const deadline = Date.now() + answerMs;
    const call = client.publish(request, new Metadata(), { deadline }, (error, response) => resolve(error ?? response));
    if (random.chance(impatience)) setTimeout(() => call.cancel(), random.between(0, 20));
  });
