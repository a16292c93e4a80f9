import { Textarea, TextInput } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { post } from '../api/client'
import { useAction } from '../ui/action'
import { ChangeForm } from '../ui/change-dialog'

interface TransferFormProps {
  /** Empty: none is chosen yet. */
  ticketId: string
  /** Staff states one. */
  withReason: boolean
  close: () => void
  /** Before the fields. */
  children?: ReactNode
}

/** Who gets a ticket. */
export function TransferForm({ ticketId, withReason, close, children }: TransferFormProps) {
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [reason, setReason] = useState('')
  const body = { name: name.trim(), email: email.trim(), ...(withReason ? { reason: reason.trim() } : {}) }
  const change = useAction(() => post('/api/v1/tickets/{id}/transfer', { path: { id: ticketId }, body }), close)
  return (
    <ChangeForm
      change={change}
      close={close}
      action="Transfer the ticket"
      note="The present code becomes invalid at once. The new holder gets a mail with a new one."
      failure="Not transferred"
    >
      {children}
      <TextInput label="Name" required maxLength={200} value={name} onChange={(e) => setName(e.target.value)} />
      <TextInput
        label="E-mail"
        type="email"
        required
        maxLength={254}
        value={email}
        onChange={(e) => setEmail(e.target.value)}
      />
      {withReason ? (
        <Textarea label="Reason" required maxLength={500} value={reason} onChange={(e) => setReason(e.target.value)} />
      ) : null}
    </ChangeForm>
  )
}
