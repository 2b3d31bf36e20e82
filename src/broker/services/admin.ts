// Admin: what an operator asks a node.
import pb from "../../../generated/reprise/v1/admin_pb.js";
import type { ChannelState, ReplayBuffer } from "../../buffer/buffer.js";
import { checkChannel } from "../../wire/channel.js";
import { RepriseError } from "../../wire/errors.js";
import { checkMemberId, writeMember } from "../../wire/members.js";
import type { NodeEntry } from "../../wire/node-entry.js";
import { currentEpoch } from "../../wire/position.js";
import type { Broker } from "../broker.js";
import type { Session } from "../session.js";
import { createSlices } from "../slices.js";
import { administers, unary } from "./unary.js";

const defaultPage = 100;
const largestPage = 1_000;

export const listChannels = unary(pb.ListChannelsRequest, { 1: "text", 2: "text" }, async (broker, request, access) => {
  const limit = Math.min(request.getPageSize() || defaultPage, largestPage);
  const [prefix, token] = [request.getPrefix(), request.getPageToken() || undefined];
  const page = await broker.buffer.channels(prefix, token, limit, access.allowsAny);
  const states = await Promise.all(page.channels.map((channel) => broker.buffer.state(channel)));
  const response = new pb.ListChannelsResponse().setNextPageToken(page.token ?? "");
  for (const [index, state] of states.entries()) {
    const channel = page.channels[index]!;
    // It may have disappeared since.
    if (state !== undefined) response.addChannels(channelInfo(broker, channel, state));
  }
  return response;
});

export const getChannel = unary(pb.GetChannelRequest, { 1: "text" }, async (broker, request, access) => {
  const channel = checkChannel(request.getChannel());
  // Who may do anything with a channel may know of it.
  if (!access.allowsAny(channel)) access.check("admin", channel);
  const state = await broker.buffer.state(channel);
  if (state === undefined) throw new RepriseError("channel_not_found", `there is no channel ${channel}`);
  return channelInfo(broker, channel, state);
});

export const listSessions = unary(pb.ListSessionsRequest, {}, async (broker, _, access) => {
  access.check("admin", "");
  const response = new pb.ListSessionsResponse();
  const slices = createSlices();
  const admits = administers(access);
  for (const session of broker.sessions) {
    response.addSessions(sessionInfo(session, admits));
    if (slices.due()) await slices.rest();
  }
  return response;
});

export const listNodes = unary(pb.ListNodesRequest, {}, async (broker, _, access) => {
  access.check("admin", "");
  await broker.nodes.refresh();
  return new pb.ListNodesResponse().setNodesList(broker.nodes.list.map(nodeInfo));
});

export const listMembers = unary(pb.ListMembersRequest, { 1: "text", 2: "text" }, async (broker, request, access) => {
  const channel = checkChannel(request.getChannel());
  access.check("presence", channel);
  // A page goes on behind the last one's last id.
  const token = request.getPageToken() && checkMemberId(request.getPageToken());
  const limit = Math.min(request.getPageSize() || defaultPage, largestPage);
  const members = (await broker.presence.list(channel)).filter(({ id }) => id > token);
  members.sort((a, b) => (a.id < b.id ? -1 : 1));
  const page = members.slice(0, limit);
  return new pb.ListMembersResponse()
    .setMembersList(page.map(writeMember))
    .setNextPageToken(members.length > limit ? page.at(-1)!.id : "");
});

export function channelInfo(broker: Broker, channel: string, state: ChannelState): InstanceType<typeof pb.ChannelInfo> {
  return new pb.ChannelInfo()
    .setChannel(channel)
    .setEpoch(currentEpoch(state))
    .setFirstOffset(state.first)
    .setNextOffset(state.next)
    .setBytes(state.bytes)
    .setSubscribers(broker.subscribers(channel))
    .setRetention(retentionOf(broker.buffer.retention(channel)))
    .setEpochsList(state.epochs.map(({ epoch, first }) => new pb.EpochInfo().setEpoch(epoch).setFirstOffset(first)));
}

const limit = (value: number): number => (Number.isFinite(value) ? value : 0);

type Retention = ReturnType<ReplayBuffer["retention"]>;

const retentionOf = ({ messages, bytes, ageMs }: Retention): InstanceType<typeof pb.Retention> =>
  new pb.Retention().setMessages(limit(messages)).setBytes(limit(bytes)).setAgeMs(limit(ageMs));

function sessionInfo(session: Session, admits: (channel: string) => boolean): InstanceType<typeof pb.SessionInfo> {
  const { name, peer, method } = session.options;
  const shown = session.subscriptions.positions.filter(({ channel }) => admits(channel));
  return new pb.SessionInfo()
    .setSession(session.id)
    .setName(name)
    .setPeer(peer)
    .setMethod(method)
    .setConnectedAtMs(session.connectedAt)
    .setUnansweredMessages(session.unansweredMessages)
    .setSubscriptionsList(
      shown.map(({ channel, position }) =>
        new pb.SubscriptionInfo().setChannel(channel).setNextOffset((position?.offset ?? -1) + 1),
      ),
    );
}

function nodeInfo(entry: NodeEntry): InstanceType<typeof pb.NodeInfo> {
  const { READY, DRAINING } = pb.NodeInfo.State;
  return new pb.NodeInfo()
    .setNode(entry.node)
    .setAddress(entry.address)
    .setZone(entry.zone)
    .setVersion(entry.version)
    .setState(entry.state === "ready" ? READY : DRAINING)
    .setSessions(entry.sessions)
    .setStartedAtMs(entry.startedAtMs)
    .setWarningsList([...entry.warnings]);
}
