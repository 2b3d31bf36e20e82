// Who we are, for an etcd with authentication: a token that it gives for user and password, and forgets after a while.
import grpc from "../../generated/etcd/rpc_grpc_pb.js";
import pb from "../../generated/etcd/rpc_pb.js";
import type { EtcdAddress } from "./address.js";
import { type Call, EtcdFailure } from "./calls.js";

export interface Token {
  /** Undefined if none is needed. */
  get(call: Call): Promise<string | undefined>;
  /** It was refused: the next `get` asks for another one. */
  drop(token: string | undefined): void;
}

export function createToken(user: EtcdAddress["user"]): Token {
  let known: string | undefined;

  async function authenticate(call: Call, { name, password }: NonNullable<typeof user>): Promise<string | undefined> {
    const request = new pb.AuthenticateRequest().setName(name).setPassword(password);
    const { authenticate } = grpc.AuthService;
    try {
      return (await call.unary(authenticate, request, pb.AuthenticateResponse, { 2: "text" })).getToken();
    } catch (thrown) {
      // It was not switched on yet: everybody may do everything.
      if (thrown instanceof EtcdFailure && thrown.kind === "no authentication") return undefined;
      throw thrown;
    }
  }

  return {
    async get(call) {
      if (user === undefined) return undefined;
      // Several calls at once may each ask for one: each of them holds.
      known ??= await authenticate(call, user);
      return known;
    },
    drop(token) {
      if (token === known) known = undefined;
    },
  };
}
