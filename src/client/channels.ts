// What channels there are, and what is known of each.
import grpcAdmin from "../../generated/reprise/v1/admin_grpc_pb.js";
import pb from "../../generated/reprise/v1/admin_pb.js";
import type { LogState } from "../wire/position.js";
import type { Call, CallOptions } from "./calls.js";

export interface Channel extends LogState {
  channel: string;
  /** Of the retained messages, as far as the buffer counts them. */
  bytes: number;
  /** Subscriptions on the node that answered. */
  subscribers: number;
}

export interface ChannelsOptions extends CallOptions {
  /** Only channels whose names begin so. */
  prefix?: string | undefined;
}

const pageChannels = 1_000;

export const channelOf = (info: InstanceType<typeof pb.ChannelInfo>): Channel => ({
  channel: info.getChannel(),
  epochs: info.getEpochsList().map((entry) => ({ epoch: entry.getEpoch(), first: entry.getFirstOffset() })),
  first: info.getFirstOffset(),
  next: info.getNextOffset(),
  bytes: info.getBytes(),
  subscribers: info.getSubscribers(),
});

/** Yields the channels in the buffer's own order. */
export async function* readChannels(
  call: Call,
  { prefix = "", ...options }: ChannelsOptions,
): AsyncGenerator<Channel, undefined> {
  const request = new pb.ListChannelsRequest().setPrefix(prefix).setPageSize(pageChannels);
  do {
    const page = await call(grpcAdmin.AdminService.listChannels, request, options);
    for (const info of page.getChannelsList()) yield channelOf(info);
    request.setPageToken(page.getNextPageToken());
  } while (request.getPageToken() !== "");
}

/** Rejects with `channel_not_found`; asking creates nothing. */
export async function readChannel(call: Call, channel: string, options: CallOptions): Promise<Channel> {
  return channelOf(
    await call(grpcAdmin.AdminService.getChannel, new pb.GetChannelRequest().setChannel(channel), options),
  );
}
