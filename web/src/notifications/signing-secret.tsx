import { Button, Group, Paper, Text, TextInput } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'

interface SigningSecretProps {
  /** Of the target. */
  label: string
  secret: string
  onHide: () => void
}

/** The secret of a new webhook, which the service shows only once. */
export function SigningSecret({ label, secret, onHide }: SigningSecretProps) {
  const clipboard = useClipboard()
  return (
    <Paper withBorder p="sm" mb="md" maw={760} role="status">
      <Text size="sm" mb="xs" className="wrapped">
        ✓ {label} is added. Its messages are signed with this secret. Copy it to the receiver now: it is not shown
        again.
      </Text>
      <Group gap="xs" align="flex-start">
        <TextInput
          aria-label={`Secret of ${label}`}
          readOnly
          value={secret}
          // Without https browsers have no clipboard for pages.
          error={clipboard.error ? 'The browser does not copy it: copy the marked text.' : undefined}
          onFocus={(event) => event.currentTarget.select()}
          flex="1 1 240px"
        />
        <Button variant="default" onClick={() => clipboard.copy(secret)}>
          {clipboard.copied ? '✓ Copied' : 'Copy'}
        </Button>
        <Button variant="default" onClick={onHide}>
          Hide
        </Button>
      </Group>
    </Paper>
  )
}
