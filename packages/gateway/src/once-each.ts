/**
 * Asks once for the same words and gives every caller that answer: for questions put right after one another, never for
 * longer. An answer that failed fails for all.
 */
export function onceEach<Words extends readonly string[], Answer>(
  ask: (...words: Words) => Promise<Answer>,
): (...words: Words) => Promise<Answer> {
  const answers = new Map<string, Promise<Answer>>();
  return (...words) => {
    const key = words.join("\n");
    const answer = answers.get(key) ?? ask(...words);
    answers.set(key, answer);
    return answer;
  };
}
