// Members of channels on the wire, both ways. One change of a channel goes to all who watch it, and one list to each of
// them; so a member is encoded once, as the element of `Members.joined` that it becomes, and items are put together
// from such elements.
import pb from "../../generated/reprise/v1/broker_pb.js";
import { LEN, tagOf, VARINT, varintSize, writeVarint } from "./bytes.js";
import { decode, type Shape } from "./decode.js";
import { RepriseError } from "./errors.js";
import { KiB } from "./limits.js";

export interface Metadata {
  key: string;
  value: string;
}

export interface Member {
  /** Chosen by the peer, kept over its reconnects. */
  id: string;
  name: string;
  metadata: readonly Metadata[];
  /** The node that it entered at last. */
  node: string;
  /** When it joined, Unix ms by the store's clock. */
  sinceMs: number;
}

/** What `Members` says, with `M` for each member. */
export interface MembersItem<M> {
  channel: string;
  complete: boolean;
  joined: readonly M[];
  changed: readonly M[];
  left: readonly string[];
  more: boolean;
}

/** Of one channel. */
export const maxMembers = 10_000;

export const tooManyMembers = (channel: string): RepriseError =>
  new RepriseError("too_many_members", `${channel} has ${maxMembers} members, the most a channel may have`);

/** Of one member, encoded. */
export const maxMetadataBytes = 1 * KiB;

const idSyntax = /^[A-Za-z0-9_-]{8,64}$/;

/** Returns the id. @throws RepriseError `invalid_argument` */
export function checkMemberId(id: string): string {
  if (idSyntax.test(id)) return id;
  throw new RepriseError("invalid_argument", "a member's id has 8 to 64 of A-Z a-z 0-9 _ -");
}

const headerShape: Shape = { 1: "text", 2: "text" };
export const enterShape: Shape = { 1: "text", 2: headerShape };
export const memberShape: Shape = { 1: "text", 2: "text", 3: headerShape, 4: "text" };
const membersShape: Shape = { 1: "text", 3: memberShape, 4: memberShape, 5: "text" };

const headerOf = ({ key, value }: Metadata) => new pb.Header().setKey(key).setValue(value);

export const writeEnter = (channel: string, metadata: readonly Metadata[]): InstanceType<typeof pb.Enter> =>
  new pb.Enter().setChannel(channel).setMetadataList(metadata.map(headerOf));

/** @throws RepriseError `invalid_argument` if there is too much of it */
export function checkMetadata(metadata: readonly Metadata[]): void {
  const bytes = writeEnter("", metadata).serializeBinary().length;
  if (bytes <= maxMetadataBytes) return;
  throw new RepriseError(
    "invalid_argument",
    `metadata of ${bytes} bytes: a member has at most ${maxMetadataBytes} bytes of it, encoded`,
  );
}

export const writeMember = ({ id, name, metadata, node, sinceMs }: Member): InstanceType<typeof pb.Member> =>
  new pb.Member().setId(id).setName(name).setMetadataList(metadata.map(headerOf)).setNode(node).setSinceMs(sinceMs);

export const readMember = (member: InstanceType<typeof pb.Member>): Member => ({
  id: member.getId(),
  name: member.getName(),
  metadata: member.getMetadataList().map((header) => ({ key: header.getKey(), value: header.getValue() })),
  node: member.getNode(),
  sinceMs: member.getSinceMs(),
});

/** A `Member` as the items hold it: behind its length. */
export function encodeMember(member: Member): Buffer {
  const content = writeMember(member).serializeBinary();
  const bytes = Buffer.allocUnsafe(varintSize(content.length) + content.length);
  bytes.set(content, writeVarint(bytes, 0, content.length));
  return bytes;
}

/** A ServerFrame of one `members` item. @param item its members as `encodeMember` gives them */
export function encodeMembers({ channel, complete, joined, changed, left, more }: MembersItem<Buffer>): Buffer {
  const ids = left.map((id) => Buffer.from(id));
  let size = 1 + 1 + channel.length + (complete ? 2 : 0) + (more ? 2 : 0);
  for (const member of [...joined, ...changed]) size += 1 + member.length;
  for (const id of ids) size += 1 + varintSize(id.length) + id.length;
  const itemSize = 1 + varintSize(size) + size;
  const bytes = Buffer.allocUnsafe(1 + varintSize(itemSize) + itemSize);
  let pos = 0;
  const number = (tag: number, value: number) => {
    bytes[pos++] = tag;
    pos = writeVarint(bytes, pos, value);
  };
  const content = (field: number, value: Buffer) => {
    bytes[pos++] = tagOf(field, LEN);
    pos += value.copy(bytes, pos);
  };
  number(tagOf(1, LEN), itemSize);
  number(tagOf(14, LEN), size);
  number(tagOf(1, LEN), channel.length);
  pos += bytes.write(channel, pos, "latin1");
  if (complete) number(tagOf(2, VARINT), 1);
  for (const member of joined) content(3, member);
  for (const member of changed) content(4, member);
  for (const id of ids) {
    number(tagOf(5, LEN), id.length);
    pos += id.copy(bytes, pos);
  }
  if (more) number(tagOf(6, VARINT), 1);
  return bytes;
}

/** @throws RepriseError `malformed` */
export function readMembers(content: Buffer): MembersItem<Member> {
  const members = decode(pb.Members, content, membersShape);
  return {
    channel: members.getChannel(),
    complete: members.getComplete(),
    joined: members.getJoinedList().map(readMember),
    changed: members.getChangedList().map(readMember),
    left: members.getLeftList(),
    more: members.getMore(),
  };
}
