// A node in this process, over a real buffer that is observed. When the test is over and its peers have gone, nothing
// of them may be left in it: no session, no channel followed.

import { credentials } from "@grpc/grpc-js";
import adminGrpc from "../../generated/reprise/v1/admin_grpc_pb.js";
import pb from "../../generated/reprise/v1/admin_pb.js";
import { type Drained, type Node, type NodeOptions, startBroker } from "../../src/broker/index.js";
import type { ReplayBuffer } from "../../src/buffer/buffer.js";
import { type T, until } from "../harness.js";
import { collect } from "../log.js";
import { embedded, type Observed, observe } from "./buffers.js";
import { showing } from "./peer.js";

export interface TestNode {
  readonly address: string;
  /** As programs have it. */
  readonly node: Node;
  readonly buffer: Observed;
  /** What it logged. */
  readonly lines: string[];
  readonly admin: Admin;
  close(graceMs?: number): Promise<void>;
  drain(options?: { windowMs?: number }): Promise<Drained>;
  /** Resolves when it has stopped, whoever asked for it. */
  readonly stopped: Promise<Drained>;
  /** Resolves when no session is left and no channel is followed. */
  quiet(): Promise<void>;
}

/** What a node tells of its drain, to the last. */
type DrainProgress = ReturnType<InstanceType<typeof pb.DrainProgress>["toObject"]>;

type Sessions = InstanceType<typeof pb.ListSessionsResponse>;
type Channels = InstanceType<typeof pb.ListChannelsResponse>;
type Channel = InstanceType<typeof pb.ChannelInfo>;
type Members = InstanceType<typeof pb.ListMembersResponse>;

export interface Admin {
  sessions(): Promise<ReturnType<Sessions["toObject"]>["sessionsList"]>;
  channel(name: string): Promise<ReturnType<Channel["toObject"]>>;
  channels(prefix?: string, token?: string, size?: number): Promise<ReturnType<Channels["toObject"]>>;
  members(channel: string, token?: string, size?: number): Promise<ReturnType<Members["toObject"]>>;
  drain(windowMs?: number): Promise<DrainProgress[]>;
}

export interface TestNodeOptions extends Partial<Omit<NodeOptions, "buffer">> {
  /** Closed by whoever opened it; by default an embedded one. */
  buffer?: ReplayBuffer;
  /** Of somebody who may do everything, if the node has a guard. */
  token?: string;
}

export async function startNode(t: T, { buffer, token, ...options }: TestNodeOptions = {}): Promise<TestNode> {
  const observed = observe(buffer ?? (await embedded(t)));
  const lines: string[] = [];
  const log = collect(lines);
  const node = await startBroker({ listen: "127.0.0.1:0", log, ...options, buffer: observed });
  const admin = adminOf(t, node.address, token);
  let closed = false;
  void node.stopped.then(() => {
    closed = true;
  });
  const quiet = async () => {
    if (!closed) await until(async () => (await admin.sessions()).length === 0, "no session is left", 5_000);
    await until(() => observed.watchers.size === 0, "no channel is followed", 4_000);
  };
  t.after(async () => {
    try {
      await quiet();
    } finally {
      await node.close(0);
    }
  });
  return {
    address: node.address,
    node,
    buffer: observed,
    lines,
    admin,
    quiet,
    stopped: node.stopped,
    drain(options) {
      closed = true;
      return node.drain(options);
    },
    close: (graceMs) => {
      closed = true;
      return node.close(graceMs);
    },
  };
}

export function adminOf(t: T, address: string, token?: string): Admin {
  const client = new adminGrpc.AdminClient(address, credentials.createInsecure(), {
    ...showing(token),
    "grpc.use_local_subchannel_pool": 1,
  });
  t.after(() => client.close());
  const answer = <Response>(call: (callback: (error: Error | null, response: Response) => void) => unknown) =>
    new Promise<Response>((resolve, reject) => {
      call((error, response) => (error === null ? resolve(response) : reject(error)));
    });
  return {
    async sessions() {
      const request = new pb.ListSessionsRequest();
      const response = await answer<Sessions>((callback) => client.listSessions(request, callback));
      return response.toObject().sessionsList;
    },
    async channel(name) {
      const request = new pb.GetChannelRequest().setChannel(name);
      return (await answer<Channel>((callback) => client.getChannel(request, callback))).toObject();
    },
    async drain(windowMs = 0) {
      const told: DrainProgress[] = [];
      const call: AsyncIterable<InstanceType<typeof pb.DrainProgress>> = client.drain(
        new pb.DrainRequest().setWindowMs(windowMs),
      );
      for await (const progress of call) told.push(progress.toObject());
      return told;
    },
    async channels(prefix = "", token = "", size = 0) {
      const request = new pb.ListChannelsRequest().setPrefix(prefix).setPageToken(token).setPageSize(size);
      return (await answer<Channels>((callback) => client.listChannels(request, callback))).toObject();
    },
    async members(channel, token = "", size = 0) {
      const request = new pb.ListMembersRequest().setChannel(channel).setPageToken(token).setPageSize(size);
      return (await answer<Members>((callback) => client.listMembers(request, callback))).toObject();
    },
  };
}

/** Whether a channel exists; asking creates nothing. */
export async function exists(node: TestNode, channel: string): Promise<boolean> {
  return (await node.buffer.state(channel)) !== undefined;
}
