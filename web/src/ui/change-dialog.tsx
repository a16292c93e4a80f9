import { Button, Group, Modal, Stack, Text, type ButtonProps } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { FormEvent, ReactNode } from 'react'
import { Failure } from './feedback'

interface ChangeDialogProps extends ButtonProps {
  title: string
  /** On the button. */
  label: string
  /** What assistive technology calls the button; default: its label. */
  name?: string
  /** For more than a few fields. */
  isWide?: boolean
  /** Gets the function that closes the dialog. */
  form: (close: () => void) => ReactNode
}

/** A button that opens a dialog with a form. */
export function ChangeDialog({ title, label, name, isWide = false, form, ...button }: ChangeDialogProps) {
  const [opened, { open, close }] = useDisclosure()
  return (
    <>
      <Button variant="default" aria-label={name} onClick={open} {...button}>
        {label}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={title}
        size={isWide ? 'xl' : 'md'}
        centered
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {form(close)}
      </Modal>
    </>
  )
}

interface ChangeFormProps {
  change: { mutate: () => void; error: unknown; isPending: boolean }
  close: () => void
  /** On the button that applies the change: what it does. */
  action: string
  color?: NonNullable<ButtonProps['color']>
  /** On the button that does not apply it. */
  back?: string
  /** What the change causes. */
  note?: string
  /** Above the reason of a refusal. */
  failure?: string
  /** The inputs. */
  children: ReactNode
}

/** Inputs with the buttons that apply or cancel their change. */
export function ChangeForm({
  change,
  close,
  action,
  color = 'blue',
  back = 'Cancel',
  note,
  failure = 'Not changed',
  children,
}: ChangeFormProps) {
  const submit = (submitted: FormEvent) => {
    submitted.preventDefault()
    change.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {children}
        {note === undefined ? null : (
          <Text size="sm" c="dimmed">
            {note}
          </Text>
        )}
        <Failure error={change.error} title={failure} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {back}
          </Button>
          <Button type="submit" color={color} loading={change.isPending}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
