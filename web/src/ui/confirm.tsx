import { Button, Group, List, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useState, type FormEvent, type ReactNode } from 'react'
import { useAction } from './action'
import { Failure } from './feedback'
import { GROUND } from './words'

interface ConfirmProps {
  /** What the button says, and the dialog's title. */
  label: string
  /** What is sent to whom when it is confirmed. */
  plan: readonly ReactNode[]
  /** To be typed, so that nobody does it by mistake. */
  word: string
  /** Asks for a reason too. */
  withReason?: boolean
  color?: string
  /** A button that does not call for attention. */
  quiet?: boolean
  work: (reason: string) => Promise<unknown>
}

/** For what cannot be taken back: shows the plan and asks for a word to be typed. */
export function ConfirmButton({ label, color = GROUND.bad, quiet = false, ...rest }: ConfirmProps) {
  const [opened, { open, close }] = useDisclosure()
  return (
    <>
      {quiet ? (
        <Button size="xs" variant="default" className="on-danger" onClick={open}>
          {label}
        </Button>
      ) : (
        <Button size="xs" variant="filled" color={color} onClick={open}>
          {label}
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
}: Omit<ConfirmProps, 'quiet'> & { close: () => void }) {
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
        <Text size="sm">What happens then:</Text>
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
