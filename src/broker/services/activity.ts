// Admin: what a node is doing, and who is behind.
import pb from "../../../generated/reprise/v1/admin_pb.js";
import { checkChannel } from "../../wire/channel.js";
import type { ChannelLog } from "../channel-log.js";
import { behindMs, type Lag, lagsOf } from "../lag.js";
import { type SlowSubscriber, slowOf } from "../slow.js";
import { administers, atMost, unary } from "./unary.js";

const most = 1_000;

export const listSlowSubscribers = unary(
  pb.ListSlowSubscribersRequest,
  { 1: "text" },
  async (broker, request, access) => {
    const channel = request.getChannel() && checkChannel(request.getChannel());
    access.check("admin", channel);
    const limit = atMost(request.getLimit(), 100, most);
    const admits = channel === "" ? administers(access) : (one: string) => one === channel;
    const { behind, worst } = await slowOf(broker, admits, request.getBehindMs() || behindMs, limit);
    return new pb.ListSlowSubscribersResponse().setSubscribersList(worst.map(slowInfo)).setBehind(behind);
  },
);

export const getActivity = unary(pb.GetActivityRequest, {}, async (broker, request, access) => {
  access.check("admin", "");
  const logs: [ChannelLog, Lag][] = [];
  let cursors = 0;
  const admits = administers(access);
  for await (const entry of lagsOf(broker.logs())) {
    cursors += entry[1].cursors;
    if (admits(entry[0].channel)) logs.push(entry);
  }
  logs.sort(([a, x], [b, y]) => y.seconds - x.seconds || b.received.messages - a.received.messages);
  const slow = await slowOf(broker, admits, behindMs, atMost(request.getSlow(), 20, most));
  const { tally } = broker;
  let published = 0;
  for (const result of ["stored", "duplicate"] as const) published += tally.published.get(result) ?? 0;
  return new pb.GetActivityResponse()
    .setNode(broker.node)
    .setAtMs(Date.now())
    .setSessions(broker.sessions.size)
    .setPublishedMessages(published)
    .setDeliveredMessages(tally.delivered)
    .setFrameBytes(tally.frameBytes)
    .setChannelsList(logs.slice(0, atMost(request.getChannels(), 100, most)).map(channelActivity))
    .setChannelCount(logs.length)
    .setSlowList(slow.worst.map(slowInfo))
    .setSlowCount(slow.behind)
    .setSubscriptions(cursors)
    .setReady(broker.readiness.ready);
});

const channelActivity = ([log, lag]: [ChannelLog, Lag]): InstanceType<typeof pb.ChannelActivity> =>
  new pb.ChannelActivity()
    .setChannel(log.channel)
    .setNextOffset(log.passed)
    .setSubscribers(lag.cursors)
    .setReceivedMessages(log.received.messages)
    .setReceivedBytes(log.received.bytes)
    .setLagMessages(lag.messages)
    .setLagMs(Math.round(lag.seconds * 1_000));

const slowInfo = ({ who, channel, next, messages, ms }: SlowSubscriber): InstanceType<typeof pb.SlowSubscriber> =>
  new pb.SlowSubscriber()
    .setSession(who.session)
    .setName(who.name)
    .setPeer(who.peer)
    .setMethod(who.method)
    .setChannel(channel)
    .setNextOffset(next)
    .setLagMessages(messages)
    .setLagMs(ms);
