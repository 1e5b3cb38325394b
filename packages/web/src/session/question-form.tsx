import { Alert, Button, Group, Stack, Text, TextInput, Title } from "@mantine/core";
import type { Question, QuestionField } from "@poterne/wire";
import { useState } from "react";
import { SecretInput } from "../ui/secret-input.tsx";
import type { SessionTexts } from "./texts-fr.ts";
import { useStage } from "./use-stage.ts";
import { useSessionTexts } from "./use-texts.ts";

/** Details that hold a sentence of the target or a value to compare, by whether they are set in fixed width. */
const FIXED_WIDTH: ReadonlySet<string> = new Set(["fingerprint", "subject", "issuer", "address"]);

/**
 * A question of the target or the gateway. What is typed lives in this form only: it goes up once and the form is gone
 * with the answer. The target's own words are shown as plain text and marked as its own.
 */
export function QuestionForm({ question }: { readonly question: Question }) {
  const stage = useStage();
  const texts = useSessionTexts();
  const [values, setValues] = useState<readonly string[]>(question.fields.map(() => ""));
  const [isSent, setSent] = useState(false);
  const heading = headingOf(question.kind, texts);
  const isIdentity = question.kind === "host-key" || question.kind === "certificate";
  const send = (): void => {
    setSent(true);
    stage.connection.control({ type: "answer", questionId: question.questionId, values });
    setValues(question.fields.map(() => ""));
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      autoComplete="off"
    >
      <Stack gap="sm">
        <Title order={2} size="h4">
          {heading.title}
        </Title>
        {heading.text !== "" &&
          (isIdentity ? (
            <Alert color="orange" variant="outline">
              {heading.text}
            </Alert>
          ) : (
            <Text size="sm">{heading.text}</Text>
          ))}
        {question.details.retry !== undefined && (
          <Alert color="orange" variant="outline" role="alert">
            {texts.question.retry}
          </Alert>
        )}
        <Details details={question.details} />
        {question.fields.map((field, index) => (
          <Field
            // biome-ignore lint/suspicious/noArrayIndexKey: fields have no name of their own and never move
            key={index}
            field={field}
            label={labelOf(question, index, texts)}
            value={values[index] ?? ""}
            isFirst={index === 0}
            onChange={(value) => setValues(values.map((old, at) => (at === index ? value : old)))}
          />
        ))}
        <Group justify="flex-end">
          <Button
            variant="default"
            onClick={() => stage.connection.control({ type: "refuse", questionId: question.questionId })}
            disabled={isSent}
          >
            {isIdentity ? texts.question.refuse : texts.opening.cancel}
          </Button>
          <Button type="submit" loading={isSent} color={isIdentity ? "orange" : "teal"}>
            {isIdentity ? texts.question.accept : texts.question.answer}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Field(props: {
  readonly field: QuestionField;
  readonly label: string;
  readonly value: string;
  readonly isFirst: boolean;
  readonly onChange: (value: string) => void;
}) {
  const Input = props.field.echo ? TextInput : SecretInput;
  return (
    <Input
      label={props.label}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
      autoComplete={props.field.echo ? "off" : "new-password"}
      spellCheck={false}
      maxLength={4096}
      data-autofocus={props.isFirst || undefined}
      autoFocus={props.isFirst}
    />
  );
}

function Details({ details }: { readonly details: Question["details"] }) {
  const texts = useSessionTexts();
  const shown = Object.entries(details).filter(([name, value]) => value !== "" && name !== "retry");
  if (shown.length === 0) return null;
  return (
    <dl>
      {shown.map(([name, value]) => (
        <div key={name}>
          <Text component="dt" size="xs" c="dimmed">
            {texts.question.details[name] ?? name}
          </Text>
          <dd className={FIXED_WIDTH.has(name) ? "session-fingerprint" : undefined}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function headingOf(kind: Question["kind"], { question }: SessionTexts): { title: string; text: string } {
  if (kind === "credentials") return { title: question.credentialsTitle, text: question.credentialsText };
  if (kind === "host-key") return { title: question.hostKeyTitle, text: question.hostKeyText };
  if (kind === "certificate") return { title: question.certificateTitle, text: question.hostKeyText };
  if (kind === "reason") return { title: question.reasonTitle, text: question.reasonText };
  return { title: question.interactiveTitle, text: "" };
}

/** Prompts of a target are shown as it wrote them; our own prompts are words we translate. */
function labelOf(question: Question, index: number, texts: SessionTexts): string {
  const field = question.fields[index];
  if (field === undefined) return "";
  if (question.kind !== "credentials") return field.prompt;
  return field.echo ? texts.question.username : texts.question.password;
}
