import { Button, Group, List, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useState, type FormEvent, type ReactNode } from 'react'
import { useAction } from './action'
import { Failure } from './feedback'
import { GROUND } from './state-badge'

interface ConfirmProps {
  /** Label of the button, and title of the dialog. */
  label: string
  /** Shown on the button instead of the label, where its row has the rest. */
  text?: string
  /** The effects of the action. */
  plan: readonly ReactNode[]
  /** To be typed as a confirmation. */
  word: string
  /** Requires a reason. */
  withReason?: boolean
  color?: string
  /** A button without emphasis. */
  quiet?: boolean
  work: (reason: string) => Promise<unknown>
}

/** For irreversible actions: shows the effects and requires a word to be typed. */
export function ConfirmButton({ label, text = label, color = GROUND.bad, quiet = false, ...rest }: ConfirmProps) {
  const [opened, { open, close }] = useDisclosure()
  return (
    <>
      {quiet ? (
        <Button size="xs" variant="default" className="on-danger" aria-label={label} onClick={open}>
          {text}
        </Button>
      ) : (
        <Button size="xs" variant="filled" color={color} aria-label={label} onClick={open}>
          {text}
        </Button>
      )}
      <Modal opened={opened} onClose={close} title={label} centered closeButtonProps={{ 'aria-label': 'Close' }}>
        <ConfirmForm label={label} color={color} {...rest} close={close} />
      </Modal>
    </>
  )
}

function ConfirmForm({
  label,
  plan,
  word,
  withReason,
  color,
  work,
  close,
}: Omit<ConfirmProps, 'quiet' | 'text'> & { close: () => void }) {
  const [typed, setTyped] = useState('')
  const [reason, setReason] = useState('')
  const action = useAction(() => work(reason.trim()), close)
  const ready = typed.trim() === word && (!withReason || reason.trim() !== '')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (ready) action.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Text size="sm">This will happen:</Text>
        <List size="sm">
          {plan.map((step, index) => (
            <List.Item key={index}>{step}</List.Item>
          ))}
        </List>
        {withReason ? (
          <Textarea
            label="Reason"
            required
            value={reason}
            maxLength={500}
            onChange={(e) => setReason(e.target.value)}
          />
        ) : null}
        <TextInput
          label={`Type “${word}” to confirm`}
          required
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Failure error={action.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" color={color ?? GROUND.bad} disabled={!ready} loading={action.isPending}>
            {label}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
