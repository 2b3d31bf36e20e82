// Every call that there is, made by hand, and the rights that it takes (P-43).
import { type Client, Metadata } from "@grpc/grpc-js";
import adminPb from "../../generated/reprise/v1/admin_pb.js";
import pb from "../../generated/reprise/v1/broker_pb.js";
import type { Operation } from "../../src/auth/index.js";
import { clientOf, type Ended, endedOf } from "../broker/peer.js";
import type { T } from "../harness.js";

export interface Encodable {
  serializeBinary(): Uint8Array;
}

/** At which node a call is made, and by whom. */
export interface Caller {
  t: T;
  address: string;
  token: string | undefined;
  /** By which connection. Default: each call by its own. */
  client?: Client;
}

/** The rights that it takes on its channel; `any`: one of them, whichever; `node`: `admin` of everything. */
type Needs = readonly Operation[] | "any" | "node";

interface Call {
  needs: Needs;
  /** How it ends; with status 0, also that it goes on. */
  make(caller: Caller, channel: string): Promise<Ended>;
}

export const bytes = (message: Encodable) => Buffer.from(message.serializeBinary());
export const identity = (buffer: Buffer) => buffer;
const open = ({ t, address, token, client }: Caller): Client => client ?? clientOf(t, address, token);

const fine: Ended = { status: 0, details: "", code: "" };

export const unary = (caller: Caller, method: string, request: Encodable) =>
  new Promise<Ended>((resolve) => {
    open(caller).makeUnaryRequest(`/reprise.v1.${method}`, identity, identity, bytes(request), (error) => {
      resolve(error === null ? fine : endedOf(error));
    });
  });

function serverStream(caller: Caller, method: string, request: Encodable) {
  const call = open(caller).makeServerStreamRequest(`/reprise.v1.${method}`, identity, identity, bytes(request));
  return outcome(caller, call, "data");
}

export const publishStream = (caller: Caller, ...requests: Encodable[]) =>
  new Promise<Ended>((resolve) => {
    const path = "/reprise.v1.Broker/PublishStream";
    const call = open(caller).makeClientStreamRequest(path, identity, identity, (error) =>
      resolve(error === null ? fine : endedOf(error)),
    );
    call.on("error", () => {});
    for (const request of requests) call.write(bytes(request));
    call.end();
  });

export function openBiStream(caller: Caller, fields: Record<string, string>) {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(fields)) metadata.set(key, value);
  const call = open(caller).makeBidiStreamRequest("/stream.StreamService/BiStream", identity, identity, metadata);
  caller.t.after(() => call.cancel());
  return call.on("error", () => {});
}

const biStream = (caller: Caller, fields: Record<string, string>) =>
  outcome(caller, openBiStream(caller, fields), "metadata");

/** Asks for the list of services. */
function reflection(caller: Caller, version: string) {
  const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
  const call = open(caller).makeBidiStreamRequest(path, identity, identity, new Metadata());
  call.write(Buffer.from("3a00", "hex"));
  return outcome(caller, call, "data");
}

/** @param sign of the node that the call goes on */
function outcome({ t }: Caller, call: ReturnType<Client["makeBidiStreamRequest"]> | Readable, sign: string) {
  t.after(() => call.cancel());
  return new Promise<Ended>((resolve) => {
    call.on("data", () => {});
    call.on(sign, () => resolve(fine));
    call.on("error", () => {});
    call.on("status", (status) => resolve(endedOf(status)));
  });
}

type Readable = ReturnType<Client["makeServerStreamRequest"]>;

export const publishRequest = (channel: string, text = "x") =>
  new pb.PublishRequest().setChannel(channel).setMessagesList([new pb.Message().setData(Buffer.from(text))]);
const subscribeRequest = (channel: string, start?: InstanceType<typeof pb.Start>) =>
  new pb.SubscribeRequest().setSubscriptionsList([new pb.Subscribe().setChannel(channel).setStart(start)]);
const earliest = () => new pb.Start().setEarliest(true);
const historyRequest = (channel: string) => new pb.HistoryRequest().setChannel(channel).setStart(earliest());
const retentionRequest = (pattern: string) => new adminPb.SetRetentionRequest().setPattern(pattern).setLimits("age=9h");

/** A call of Admin. */
const admin = (needs: Needs, name: string, request: (channel: string) => Encodable): Call => ({
  needs,
  make: (caller, channel) => unary(caller, `Admin/${name}`, request(channel)),
});

/** By the name of the method, and what else it is about. */
export const calls: Readonly<Record<string, Call>> = {
  Publish: {
    needs: ["publish"],
    make: (caller, channel) => unary(caller, "Broker/Publish", publishRequest(channel)),
  },
  PublishStream: { needs: ["publish"], make: (caller, channel) => publishStream(caller, publishRequest(channel)) },
  Subscribe: {
    needs: ["subscribe"],
    make: (caller, channel) => serverStream(caller, "Broker/Subscribe", subscribeRequest(channel)),
  },
  "Subscribe earliest": {
    needs: ["subscribe", "history"],
    make: (caller, channel) => serverStream(caller, "Broker/Subscribe", subscribeRequest(channel, earliest())),
  },
  History: {
    needs: ["history"],
    make: (caller, channel) => unary(caller, "Broker/History", historyRequest(channel)),
  },
  BiStream: { needs: ["subscribe"], make: (caller, channel) => biStream(caller, { channel }) },
  "BiStream replay": {
    needs: ["subscribe", "history"],
    make: (caller, channel) => biStream(caller, { channel, replay: "all" }),
  },
  // Open to all: who may do nothing sees nothing.
  ListChannels: admin([], "ListChannels", () => new adminPb.ListChannelsRequest()),
  GetChannel: admin("any", "GetChannel", (channel) => new adminPb.GetChannelRequest().setChannel(channel)),
  ListMembers: admin(["presence"], "ListMembers", (channel) => new adminPb.ListMembersRequest().setChannel(channel)),
  ListSessions: admin("node", "ListSessions", () => new adminPb.ListSessionsRequest()),
  ListNodes: admin("node", "ListNodes", () => new adminPb.ListNodesRequest()),
  ListSlowSubscribers: admin(["admin"], "ListSlowSubscribers", (channel) =>
    new adminPb.ListSlowSubscribersRequest().setChannel(channel),
  ),
  "ListSlowSubscribers of all": admin("node", "ListSlowSubscribers", () => new adminPb.ListSlowSubscribersRequest()),
  ListRetention: admin("node", "ListRetention", () => new adminPb.ListRetentionRequest()),
  SetRetention: admin(["admin"], "SetRetention", retentionRequest),
  "SetRetention of a pattern": admin("node", "SetRetention", (channel) => retentionRequest(`${channel}*`)),
  ListEvents: admin(["admin"], "ListEvents", (channel) => new adminPb.ListEventsRequest().setChannel(channel)),
  "ListEvents of all": admin("node", "ListEvents", () => new adminPb.ListEventsRequest()),
  "ListEvents of a session": admin("node", "ListEvents", () => new adminPb.ListEventsRequest().setSession("1")),
  GetActivity: admin("node", "GetActivity", () => new adminPb.GetActivityRequest()),
  DisconnectSession: admin("node", "DisconnectSession", () => new adminPb.DisconnectSessionRequest().setSession("1")),
  TrimChannel: admin(["admin"], "TrimChannel", (channel) =>
    new adminPb.TrimChannelRequest().setChannel(channel).setBefore(1),
  ),
  DeleteChannel: admin(["admin"], "DeleteChannel", (channel) => new adminPb.DeleteChannelRequest().setChannel(channel)),
  "ServerReflectionInfo v1": { needs: "node", make: (caller) => reflection(caller, "v1") },
  "ServerReflectionInfo v1alpha": { needs: "node", make: (caller) => reflection(caller, "v1alpha") },
  Drain: { needs: "node", make: (caller) => serverStream(caller, "Admin/Drain", new adminPb.DrainRequest()) },
};
