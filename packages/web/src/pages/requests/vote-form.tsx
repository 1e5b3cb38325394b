import { Button, Group, TextInput } from "@mantine/core";
import { useState } from "react";
import { useRequestWords } from "./use-request-words.ts";

/** A comment, and yes or no: how an approver decides a request or a vendor pass. */
export function VoteForm(props: {
  readonly isPending: boolean;
  readonly onVote: (vote: { readonly isApproval: boolean; readonly comment: string }) => void;
}) {
  const requests = useRequestWords();
  const { isPending, onVote } = props;
  const [comment, setComment] = useState("");
  return (
    <Group align="flex-end" gap="xs">
      <TextInput
        label={requests.comment}
        size="xs"
        flex="1 1 12rem"
        maw={480}
        maxLength={500}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
      />
      <Button size="xs" loading={isPending} onClick={() => onVote({ isApproval: true, comment })}>
        {requests.approve}
      </Button>
      <Button
        size="xs"
        variant="outline"
        color="red"
        disabled={isPending}
        onClick={() => onVote({ isApproval: false, comment })}
      >
        {requests.refuse}
      </Button>
    </Group>
  );
}
