// The nodes of a registry in etcd as a target of gRPC: for programs that call the services themselves, with gRPC's own
// load balancing. gRPC calls this interface experimental; the package is pinned to the minor version that it was
// written for.
import { experimental, status } from "@grpc/grpc-js";
import { RepriseError } from "../wire/errors.js";
import { type Discovery, discover } from "./discovery.js";

type Listener = experimental.ResolverListener;

/** While a channel uses the target. A node that dies is left out when its lease has run out and this has passed. */
const everyMs = 2_000;

/**
 * From now on `etcd://…` and `etcds://…` are targets of every gRPC client in this process: the nodes that are ready.
 * For TLS to the nodes set `grpc.ssl_target_name_override`, since the target names none of them.
 */
export function registerEtcdResolver(): void {
  for (const scheme of ["etcd", "etcds"]) experimental.registerResolver(scheme, EtcdResolver);
}

class EtcdResolver implements experimental.Resolver {
  readonly #url: string;
  readonly #listener: Listener;
  #asking: { discovery: Discovery; timer: NodeJS.Timeout } | undefined;
  /** What was told last. */
  #told = "";

  constructor(target: experimental.GrpcUri, listener: Listener) {
    this.#url = experimental.uriToString(target);
    this.#listener = listener;
    // What is no URL of etcd is refused now.
    discover([this.#url]).close();
  }

  updateResolution(): void {
    this.#asking ??= {
      discovery: discover([this.#url]),
      timer: setInterval(() => void this.#ask(), everyMs).unref(),
    };
    void this.#ask();
  }

  async #ask(): Promise<void> {
    const asking = this.#asking!;
    const answer = await asking.discovery.addresses().catch((thrown: RepriseError) => thrown);
    if (asking !== this.#asking) return;
    const told = answer instanceof RepriseError ? answer.message : [...answer].sort().join();
    // To tell the same again would make gRPC connect anew.
    if (told === this.#told) return;
    this.#told = told;
    this.#listener(endpointsOf(answer), {}, null, "");
  }

  destroy(): void {
    clearInterval(this.#asking?.timer);
    this.#asking?.discovery.close();
    this.#asking = undefined;
    this.#told = "";
  }

  /** Sent to the nodes. Not the target, which may hold a password. */
  static getDefaultAuthority(): string {
    return "reprise";
  }
}

function endpointsOf(answer: readonly string[] | RepriseError): experimental.StatusOr<experimental.Endpoint[]> {
  if (answer instanceof RepriseError) {
    return experimental.statusOrFromError({ code: status.UNAVAILABLE, details: answer.message });
  }
  return experimental.statusOrFromValue(
    answer.map((address) => {
      const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(address)!;
      return { addresses: [{ host: host!, port: Number(port) }] };
    }),
  );
}
