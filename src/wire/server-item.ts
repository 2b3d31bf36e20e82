// Items for a peer, as the broker writes them; server-frame.ts reads them. Acknowledgements are the hot path and are written
// by hand, as batches are (batch.ts); everything else goes through the generated code.
// Each encoder returns a complete ServerFrame of one item; frames concatenate.
import pb from "../../generated/reprise/v1/broker_pb.js";
import { type AckLevel, replicasOf } from "./ack-level.js";
import { LEN, tagOf, VARINT, varintSize, writeVarint } from "./bytes.js";
import { protocolVersion, writePosition } from "./client-frame.js";
import type { Gap, Position } from "./position.js";
import {
  type Authenticated,
  gapReasons,
  type Head,
  type Published,
  type Refusal,
  type Welcome,
} from "./server-frame.js";

/** Heads in one heartbeat. */
export const maxHeads = 256;

const serverItem = (item: InstanceType<typeof pb.ServerItem>): Buffer => {
  const bytes = new pb.ServerFrame().setItemsList([item]).serializeBinary();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
};

export const encodeWelcome = ({ node, session, limits, heartbeatIntervalMs, ackLevel }: Welcome): Buffer =>
  serverItem(
    new pb.ServerItem().setWelcome(
      new pb.Welcome()
        .setVersion(protocolVersion)
        .setNode(node)
        .setSession(session)
        .setHeartbeatIntervalMs(heartbeatIntervalMs)
        .setAckLevel(ackLevelNumber(ackLevel))
        .setReplicas(replicasOf(ackLevel))
        .setLimits(
          new pb.Limits()
            .setMaxMessageBytes(limits.maxMessageBytes)
            .setMaxPublishMessages(limits.maxPublishMessages)
            .setMaxPublishBytes(limits.maxPublishBytes)
            .setPublishWindowBytes(limits.publishWindowBytes)
            .setMaxSubscriptions(limits.maxSubscriptions),
        ),
    ),
  );

const ackLevelNumber = (level: AckLevel) => {
  if (replicasOf(level) > 0) return pb.AckLevel.REPLICATED;
  return level === "fsynced" ? pb.AckLevel.FSYNCED : pb.AckLevel.STORED;
};

export const encodeSubscribed = (channel: string, position: Position, head: Position): Buffer =>
  serverItem(
    new pb.ServerItem().setSubscribed(
      new pb.Subscribed().setChannel(channel).setPosition(writePosition(position)).setHead(writePosition(head)),
    ),
  );

export const encodeUnsubscribed = (channel: string): Buffer =>
  serverItem(new pb.ServerItem().setUnsubscribed(new pb.Unsubscribed().setChannel(channel)));

/** @param position what is delivered next comes after it */
export const gapItem = (channel: string, gap: Gap, position: Position): InstanceType<typeof pb.ServerItem> =>
  new pb.ServerItem().setGap(
    new pb.Gap()
      .setChannel(channel)
      .setReason((gapReasons.indexOf(gap.reason) + 1) as 1 | 2 | 3 | 4)
      .setFromOffset(gap.from)
      .setToOffset(gap.to)
      .setPosition(writePosition(position)),
  );

export const encodeGap = (channel: string, gap: Gap, position: Position): Buffer =>
  serverItem(gapItem(channel, gap, position));

export const encodeCaughtUp = (channel: string, position: Position): Buffer =>
  serverItem(
    new pb.ServerItem().setCaughtUp(new pb.CaughtUp().setChannel(channel).setPosition(writePosition(position))),
  );

export const encodeError = (refusal: Refusal): Buffer =>
  serverItem(
    new pb.ServerItem().setError(
      new pb.Error()
        .setCode(refusal.code)
        .setMessage(refusal.message)
        .setRetryable(refusal.retryable)
        .setChannel(refusal.channel)
        .setSequence(refusal.sequence)
        .setExpectedSequence(refusal.expectedSequence)
        .setCount(refusal.count)
        .setRequest(refusal.request)
        .setRetryAfterMs(refusal.retryAfterMs),
    ),
  );

/**
 * @param heads those that the peer does not know yet, at most `maxHeads`
 * @param bufferAway the node cannot reach its buffer
 */
export const encodeHeartbeat = (timeMs: number, heads: readonly Head[] = [], bufferAway = false): Buffer =>
  serverItem(
    new pb.ServerItem().setHeartbeat(
      new pb.Heartbeat()
        .setTimeMs(timeMs)
        .setBufferAway(bufferAway)
        .setHeadsList(
          heads.map(({ channel, position }) =>
            new pb.ChannelPosition().setChannel(channel).setPosition(writePosition(position)),
          ),
        ),
    ),
  );

/** @param addresses of other nodes, the best first */
export const encodeDraining = (retryAfterMs: number, addresses: readonly string[] = []): Buffer =>
  serverItem(
    new pb.ServerItem().setDraining(new pb.Draining().setRetryAfterMs(retryAfterMs).setAddressesList([...addresses])),
  );

export const encodeNodes = (addresses: readonly string[]): Buffer =>
  serverItem(new pb.ServerItem().setNodes(new pb.Nodes().setAddressesList([...addresses])));

export const encodeEntered = (channel: string): Buffer =>
  serverItem(new pb.ServerItem().setEntered(new pb.Entered().setChannel(channel)));

export const encodeLeft = (channel: string): Buffer =>
  serverItem(new pb.ServerItem().setLeft(new pb.Left().setChannel(channel)));

export const encodeMembersUnwatched = (channel: string): Buffer =>
  serverItem(new pb.ServerItem().setMembersUnwatched(new pb.MembersUnwatched().setChannel(channel)));

export const encodeAuthenticated = ({ name, member, expiresInMs }: Authenticated): Buffer =>
  serverItem(
    new pb.ServerItem().setAuthenticated(
      new pb.Authenticated().setName(name).setMember(member).setExpiresInMs(expiresInMs),
    ),
  );

/** By hand: there is one for each publish. Fields that are 0 are written too, which protobuf allows. */
export function encodePublished({ channel, sequence, count, epoch, first, duplicate }: Published): Buffer {
  const numbers = varintSize(sequence) + varintSize(count) + varintSize(epoch) + varintSize(first) + 1;
  const size = 1 + 1 + channel.length + 5 + numbers;
  const itemSize = 1 + varintSize(size) + size;
  const bytes = Buffer.allocUnsafe(1 + varintSize(itemSize) + itemSize);
  bytes[0] = tagOf(1, LEN);
  let pos = writeVarint(bytes, 1, itemSize);
  bytes[pos++] = tagOf(7, LEN);
  pos = writeVarint(bytes, pos, size);
  bytes[pos++] = tagOf(1, LEN);
  bytes[pos++] = channel.length;
  pos += bytes.write(channel, pos, "latin1");
  bytes[pos++] = tagOf(2, VARINT);
  pos = writeVarint(bytes, pos, sequence);
  bytes[pos++] = tagOf(3, VARINT);
  pos = writeVarint(bytes, pos, count);
  bytes[pos++] = tagOf(4, VARINT);
  pos = writeVarint(bytes, pos, epoch);
  bytes[pos++] = tagOf(5, VARINT);
  pos = writeVarint(bytes, pos, first);
  bytes[pos++] = tagOf(6, VARINT);
  bytes[pos] = duplicate ? 1 : 0;
  return bytes;
}
