import { Code, List, Stack, Text } from '@mantine/core'
import type { RunbookEntry } from './runbook'

export function RunbookSection({ entry }: { entry: RunbookEntry }) {
  return (
    <Stack gap="sm" maw={760}>
      {entry.parts.map((part, index) =>
        typeof part === 'string' ? (
          <Text key={index} size="sm">
            <Inline text={part} />
          </Text>
        ) : (
          <List key={index} type="ordered" size="sm" spacing={4}>
            {part.map((step, number) => (
              <List.Item key={number}>
                <Inline text={step} />
              </List.Item>
            ))}
          </List>
        ),
      )}
    </Stack>
  )
}

/** Text with `code` in it. */
function Inline({ text }: { text: string }) {
  return text.split('`').map((piece, index) => (index % 2 === 1 ? <Code key={index}>{piece}</Code> : piece))
}
