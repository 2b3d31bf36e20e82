// Who is on a channel, asked for once.
import grpcAdmin from "../../generated/reprise/v1/admin_grpc_pb.js";
import pb from "../../generated/reprise/v1/admin_pb.js";
import { type Metadata, readMember, type Member as WireMember } from "../wire/members.js";
import type { Headers } from "../wire/message.js";
import type { Call, CallOptions } from "./calls.js";

/** A peer that has entered a channel. */
export interface Member {
  /** `ConnectOptions.member` of the peer. */
  id: string;
  /** `ConnectOptions.name` of the peer; empty if it gave none. */
  name: string;
  metadata: Headers;
  /** The node that it entered at, when this was last told. */
  node: string;
  /** When it joined, Unix ms. */
  since: number;
}

export function memberOf({ id, name, metadata, node, sinceMs }: WireMember): Member {
  const headers = Object.create(null) as Record<string, string>;
  for (const { key, value } of metadata) headers[key] = value;
  return { id, name, metadata: headers, node, since: sinceMs };
}

export const metadataOf = (headers: Headers): Metadata[] =>
  Object.entries(headers).map(([key, value]) => ({ key, value }));

const pageMembers = 1_000;

/** In the order of their ids. Asking creates nothing. */
export async function readMembers(call: Call, channel: string, options: CallOptions): Promise<Member[]> {
  const members: Member[] = [];
  const request = new pb.ListMembersRequest().setChannel(channel).setPageSize(pageMembers);
  do {
    const page = await call(grpcAdmin.AdminService.listMembers, request, options);
    for (const member of page.getMembersList()) members.push(memberOf(readMember(member)));
    request.setPageToken(page.getNextPageToken());
  } while (request.getPageToken() !== "");
  return members;
}
