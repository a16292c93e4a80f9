import { Checkbox, Textarea } from '@mantine/core'
import { useState } from 'react'
import { post, type Schemas } from '../../api/client'
import { useAction } from '../../ui/action'
import { ChangeDialog, ChangeForm } from '../../ui/change-dialog'

type Order = Schemas['OrderDto']

/** For a direct order. */
export function CancelOrder({ order }: { order: Order }) {
  const name = `Cancel the order of ${order.buyer?.name ?? order.id}`
  const form = (close: () => void) => <CancelForm order={order} close={close} />
  return <ChangeDialog title={name} label="Cancel" name={name} size="compact-xs" form={form} />
}

function CancelForm({ order, close }: { order: Order; close: () => void }) {
  const [reason, setReason] = useState('')
  const [refund, setRefund] = useState(true)
  const body = { reason: reason.trim(), refund }
  const change = useAction(() => post('/api/v1/orders/{id}/cancel', { path: { id: order.id }, body }), close)
  return (
    <ChangeForm
      change={change}
      close={close}
      action="Cancel the order"
      note="The tickets become invalid, their units are free again, and the buyer gets a mail with the reason."
    >
      <Textarea label="Reason" required maxLength={500} value={reason} onChange={(e) => setReason(e.target.value)} />
      <Checkbox label="Refund what was paid" checked={refund} onChange={(e) => setRefund(e.target.checked)} />
    </ChangeForm>
  )
}
