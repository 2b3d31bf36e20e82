// Admin: what an operator does to sessions and channels of a node that runs.
import pb from "../../../generated/reprise/v1/admin_pb.js";
import { checkChannel } from "../../wire/channel.js";
import { checkChannelPattern } from "../../wire/channel-pattern.js";
import { RepriseError } from "../../wire/errors.js";
import type { Access } from "../access.js";
import type { Broker } from "../broker.js";
import { channelInfo } from "./admin.js";
import { recordAct, unary } from "./unary.js";

export const disconnectSession = unary(pb.DisconnectSessionRequest, {}, async (broker, request, access, peer) => {
  access.check("admin", "");
  const id = request.getSession();
  const session = broker.sessions.get(id);
  if (session === undefined) throw new RepriseError("session_not_found", `this node has no session ${id}`);
  recordAct(broker, access, peer, "", `disconnected session ${id}`);
  session.close(new RepriseError("disconnected", "an operator has ended this session"));
  return new pb.DisconnectSessionResponse();
});

export const trimChannel = unary(pb.TrimChannelRequest, { 1: "text" }, async (broker, request, access, peer) => {
  const channel = checkChannel(request.getChannel());
  access.check("admin", channel);
  const before = request.getBefore();
  if (!Number.isSafeInteger(before) || before < 1) {
    throw new RepriseError("invalid_argument", "before: expected the first offset to be kept, 1 or more");
  }
  const state = await broker.buffer.trim(channel, before);
  if (state === undefined) throw notFound(channel);
  recordAct(broker, access, peer, channel, `trimmed before ${before}`);
  return channelInfo(broker, channel, state);
});

export const deleteChannel = unary(pb.DeleteChannelRequest, { 1: "text" }, async (broker, request, access, peer) => {
  const channel = checkChannel(request.getChannel());
  access.check("admin", channel);
  if (!(await broker.buffer.delete(channel))) throw notFound(channel);
  recordAct(broker, access, peer, channel, "deleted the channel");
  return new pb.DeleteChannelResponse();
});

const notFound = (channel: string) => new RepriseError("channel_not_found", `there is no channel ${channel}`);

export const listRetention = unary(pb.ListRetentionRequest, {}, async (broker, _, access) => {
  access.check("admin", "");
  return rulesOf(broker, access);
});

export const setRetention = unary(
  pb.SetRetentionRequest,
  { 1: "text", 2: "text" },
  async (broker, request, access, peer) => {
    const [pattern, limits] = [request.getPattern(), request.getLimits()];
    const isWide = pattern.includes("*");
    // What holds for channels that are yet to come is for those who may do so with the node; and deny wins.
    if (isWide) access.check("admin", "");
    access.check("admin", isWide ? checkChannelPattern(pattern) : checkChannel(pattern));
    await broker.buffer.rules.set(pattern, limits);
    recordAct(broker, access, peer, "", `set the retention of ${pattern} to ${limits || "what it was"}`);
    return rulesOf(broker, access);
  },
);

/** Those of channels of which the peer may know, and of patterns if it may ask for them. */
async function rulesOf(broker: Broker, access: Access): Promise<InstanceType<typeof pb.RetentionRules>> {
  const rules = await broker.buffer.rules.list();
  const shown = rules.filter(({ pattern }) => access.allows("admin", pattern.includes("*") ? "" : pattern));
  return new pb.RetentionRules().setRulesList(
    shown.map(({ pattern, limits }) => new pb.RetentionRule().setPattern(pattern).setLimits(limits)),
  );
}
