import type { Question } from "@poterne/wire";
import type { Environment } from "../environment.ts";
import { QUESTION_TIMEOUT_MS } from "./hub-clock.ts";

/** A target that asks more at once than this is refused. */
const MAX_OPEN_QUESTIONS = 8;

interface Pending {
  readonly question: Question;
  readonly askedAtMs: number;
  readonly resolve: (values: readonly string[] | null) => void;
}

/** The questions a session waits to have answered. Answers pass through and are kept nowhere. */
export class HubQuestions {
  readonly #environment: Environment;
  readonly #pending = new Map<string, Pending>();
  #count = 0;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  get open(): readonly Question[] {
    return [...this.#pending.values()].map(({ question }) => question);
  }

  ask(question: Omit<Question, "questionId">): {
    asked: Question;
    answer: Promise<readonly string[] | null>;
  } {
    const asked: Question = { ...question, questionId: `q${++this.#count}` };
    if (this.#pending.size >= MAX_OPEN_QUESTIONS) return { asked, answer: Promise.resolve(null) };
    const answer = new Promise<readonly string[] | null>((resolve) => {
      this.#pending.set(asked.questionId, {
        question: asked,
        askedAtMs: this.#environment.monotonicMs(),
        resolve,
      });
    });
    return { asked, answer };
  }

  /** Answers a question; null refuses it. Answers to unknown questions, or of the wrong count, refuse. */
  answer(questionId: string, values: readonly string[] | null): void {
    const pending = this.#pending.get(questionId);
    if (pending === undefined) return;
    this.#pending.delete(questionId);
    const isWhole = values !== null && values.length === pending.question.fields.length;
    pending.resolve(isWhole ? values : null);
  }

  refuseAll(): void {
    for (const questionId of [...this.#pending.keys()]) this.answer(questionId, null);
  }

  expire(): void {
    const limit = this.#environment.monotonicMs() - QUESTION_TIMEOUT_MS;
    for (const [questionId, { askedAtMs }] of this.#pending)
      if (askedAtMs < limit) this.answer(questionId, null);
  }
}
