import type { Duplex } from "node:stream";
import { Failure } from "@poterne/contract";
import { encodeMessage, MessageReader } from "./framing.ts";
import type { KeeperService } from "./keeper-service.ts";
import {
  type KeeperAnswer,
  type KeeperMethod,
  type KeeperNotice,
  keeperQuestions,
  questionSchema,
} from "./messages.ts";

/** Questions under way on one channel; more are refused. */
const MAX_UNDER_WAY = 20_000;

/** One gateway's channel to the keeper. */
export interface ServedChannel {
  /** Sends something that was not asked for. */
  notify(notice: KeeperNotice): void;
  /** Resolves when the gateway went away or asked to close, and all that was under way is done. */
  readonly ended: Promise<void>;
}

/** Answers questions from a channel until it ends. A message that cannot be read ends it. */
export function serveChannel(stream: Duplex, service: KeeperService): ServedChannel {
  const reader = new MessageReader();
  const underWay = new Set<Promise<void>>();
  const ended = Promise.withResolvers<void>();
  const send = (message: KeeperAnswer | KeeperNotice) => {
    if (stream.writable) stream.write(encodeMessage(message));
  };
  const end = () => {
    void Promise.allSettled([...underWay]).then(() => ended.resolve());
  };
  stream.on("data", (bytes: Buffer) => {
    try {
      for (const message of reader.receive(bytes)) {
        const { id, method, params } = questionSchema.parse(message);
        if (method === "close") {
          stream.pause();
          void Promise.allSettled([...underWay]).then(() => {
            send({ id, value: null });
            ended.resolve();
          });
          return;
        }
        if (underWay.size >= MAX_UNDER_WAY) {
          send({ id, code: "keeper-unavailable", details: {} });
          continue;
        }
        const work: Promise<void> = answer(service, id, { method, params }).then((reply) => {
          underWay.delete(work);
          send(reply);
        });
        underWay.add(work);
      }
    } catch {
      stream.destroy();
    }
  });
  stream.on("error", end);
  stream.on("close", end);
  stream.on("end", end);
  return { notify: send, ended: ended.promise };
}

async function answer(
  service: KeeperService,
  id: number,
  asked: { readonly method: string; readonly params?: unknown },
): Promise<KeeperAnswer> {
  try {
    if (!isMethod(asked.method)) throw new Failure("bad-request", { detail: "keeper question" });
    const parsed = keeperQuestions[asked.method].safeParse(asked.params);
    if (!parsed.success) throw new Failure("bad-request", { detail: `keeper question ${asked.method}` });
    const run = service.answers[asked.method] as (question: unknown) => unknown;
    return { id, value: await run(parsed.data) };
  } catch (error) {
    if (error instanceof Failure) return { id, code: error.code, details: error.details };
    // Nothing of an unexpected error crosses the channel: it may quote a secret.
    return { id, code: "keeper-unavailable", details: {} };
  }
}

function isMethod(method: string): method is KeeperMethod {
  return Object.hasOwn(keeperQuestions, method);
}
