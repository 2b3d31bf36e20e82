// Broker.Publish and Broker.PublishStream: publishing without a session.
import type { ServerReadableStream, ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import pb from "../../../generated/reprise/v1/broker_pb.js";
import { encodePublisher, spliceMessages } from "../../wire/batch.js";
import { writePosition } from "../../wire/client-frame.js";
import { RepriseError, toRepriseError } from "../../wire/errors.js";
import type { Position } from "../../wire/position.js";
import { type PublishRequest, readPublishRequest } from "../../wire/publish-request.js";
import type { Published } from "../../wire/server-frame.js";
import type { Access } from "../access.js";
import type { Broker } from "../broker.js";
import type { Rates } from "../meters.js";
import { checkPublish, splitRuns } from "../publish.js";
import { increase } from "../tally.js";
import { boundReadAhead, checkName, producerId, statusOf, whenGone } from "./grpc.js";

/** No session publishes it. */
const noSession = "0";

/** Metadata key of a failed `PublishStream`: how many messages of the call are stored. */
const storedKey = "reprise-stored";

/** Nothing counts such calls: they share what one connection may publish. */
const ratesOf = (broker: Broker, peer: string): Rates => broker.gate.connection(peer)?.rates ?? [];

const keyOf = ({ idempotencyKey }: PublishRequest, access: Access): string | undefined =>
  idempotencyKey.length === 0 ? undefined : producerId("k", idempotencyKey, access, "an idempotency key");

/** Appends the messages of one request and returns its acknowledgements, in order. */
async function append(
  broker: Broker,
  access: Access,
  { publish, name }: PublishRequest,
  producer: string | undefined,
): Promise<Published[]> {
  try {
    checkPublish(publish, broker);
    access.check("publish", publish.channel);
    const messages = spliceMessages(publish, encodePublisher(access.name ?? checkName(name), noSession));
    const runs = splitRuns(messages, publish, producer);
    const answers = (await Promise.all(runs.map((run) => broker.append(publish.channel, run)))).flat();
    broker.tally.answered(answers, messages.length);
    return answers;
  } catch (thrown) {
    increase(broker.tally.published, toRepriseError(thrown).code, publish.count);
    throw thrown;
  }
}

export async function publish(
  broker: Broker,
  access: Access,
  call: ServerUnaryCall<Buffer, Buffer>,
  callback: sendUnaryData<Buffer>,
): Promise<void> {
  try {
    broker.checkOpen();
    if (broker.appender.full) {
      throw new RepriseError("buffer_unavailable", "too many messages wait to be stored on this node");
    }
    const peer = call.getPeer();
    broker.checkMemory(peer);
    const request = readPublishRequest(call.request);
    broker.meters.call(ratesOf(broker, peer), access.name, request.publish, peer);
    const producer = keyOf(request, access);
    request.publish.sequence = producer === undefined ? 0 : 1;
    const answers = await append(broker, access, request, producer);
    callback(null, responseOf(answers));
  } catch (thrown) {
    callback(statusOf(toRepriseError(thrown)));
  }
}

function responseOf(answers: readonly Published[]): Buffer {
  const runs = joined(answers);
  const { epoch, first } = runs[0]!;
  const response = new pb.PublishResponse()
    .setEpoch(epoch)
    .setFirstOffset(first)
    .setCount(runs.reduce((sum, { count }) => sum + count, 0))
    .setDuplicate(runs.every(({ duplicate }) => duplicate));
  if (runs.length > 1) {
    for (const { epoch, first, count, duplicate } of runs) {
      response.addRuns(
        new pb.StoredRun().setEpoch(epoch).setFirstOffset(first).setCount(count).setDuplicate(duplicate),
      );
    }
  }
  return Buffer.from(response.serializeBinary());
}

/** What lies one behind the other is one run. */
function joined(answers: readonly Published[]): Published[] {
  const runs: Published[] = [];
  for (const answer of answers) {
    const last = runs.at(-1);
    const follows =
      last !== undefined &&
      last.first > 0 &&
      answer.first === last.first + last.count &&
      answer.epoch === last.epoch &&
      answer.duplicate === last.duplicate;
    if (follows) runs[runs.length - 1] = { ...last, count: last.count + answer.count };
    else runs.push(answer);
  }
  return runs;
}

/** What a `PublishStream` call has come to. */
interface Import {
  messages: number;
  duplicates: number;
  positions: Map<string, Position>;
  /** Next sequence of each channel, under the call's key. */
  sequences: Map<string, number>;
}

export function publishStream(
  broker: Broker,
  access: Access,
  call: ServerReadableStream<Buffer, Buffer>,
  callback: sendUnaryData<Buffer>,
): void {
  const total: Import = { messages: 0, duplicates: 0, positions: new Map(), sequences: new Map() };
  const underWay = new Set<Promise<void>>();
  let waitingBytes = 0;
  let producer: string | undefined;
  let first = true;
  let failed: RepriseError | undefined;
  let finishing = false;

  /** Answers once what is under way is stored or not. */
  const finish = async () => {
    if (finishing) return;
    finishing = true;
    broker.stopping.delete(fail);
    ignoreFull();
    meter.close();
    await Promise.all(underWay);
    if (call.cancelled) return;
    if (failed === undefined) {
      callback(null, summary(total));
      return;
    }
    const status = statusOf(failed);
    status.metadata.set(storedKey, String(total.messages));
    callback(status);
  };
  const fail = (thrown: unknown) => {
    failed ??= toRepriseError(thrown);
    updateReading();
    void finish();
  };
  const updateReading = () => {
    const waits = waitingBytes >= broker.limits.publishWindowBytes || broker.appender.full || meter.exhausted;
    if (failed === undefined && waits) {
      call.pause();
    } else if (call.isPaused()) call.resume();
  };

  const peer = call.getPeer();
  const meter = broker.meters.open(ratesOf(broker, peer), access.name, updateReading, { peer, identity: access.name });
  const ignoreFull = broker.appender.onFull(updateReading);
  boundReadAhead(call);
  call.on("data", (bytes: Buffer) => {
    if (failed !== undefined) return;
    try {
      access.checkCredentials();
      const request = readPublishRequest(bytes);
      if (first) producer = keyOf(request, access);
      first = false;
      number(request, producer, total);
      waitingBytes += bytes.length;
      meter.take(request.publish);
      const one = append(broker, access, request, producer)
        .then((answers) => add(total, request.publish.channel, answers))
        .catch(fail)
        .finally(() => {
          underWay.delete(one);
          waitingBytes -= bytes.length;
          updateReading();
        });
      underWay.add(one);
      updateReading();
    } catch (thrown) {
      fail(thrown);
    }
    // What the peer says after a failure is read and dropped, so that it gets to hear of it.
  });
  call.on("end", () => void finish());
  // Also when the peer has gone: then there is nobody to answer, see `finish`.
  whenGone(call, () => void finish());
  try {
    broker.checkOpen();
    broker.checkMemory(peer);
    broker.stopping.add(fail);
  } catch (thrown) {
    fail(thrown);
  }
}

function number({ publish }: PublishRequest, producer: string | undefined, total: Import): void {
  if (producer === undefined) {
    publish.sequence = 0;
    return;
  }
  publish.sequence = total.sequences.get(publish.channel) ?? 1;
  total.sequences.set(publish.channel, publish.sequence + publish.count);
}

function add(total: Import, channel: string, answers: readonly Published[]): void {
  for (const { count, duplicate, epoch, first } of answers) {
    total.messages += count;
    if (duplicate) total.duplicates += count;
    if (first > 0) total.positions.set(channel, { epoch, offset: first + count - 1 });
  }
}

function summary(total: Import): Buffer {
  const message = new pb.PublishSummary().setMessages(total.messages).setDuplicates(total.duplicates);
  for (const [channel, position] of total.positions) {
    message.addPositions(new pb.ChannelPosition().setChannel(channel).setPosition(writePosition(position)));
  }
  return Buffer.from(message.serializeBinary());
}
