import type { DoorView } from './door'

/** Whether other devices see what happens here, and how much they have not seen yet. */
export function ContactBar({ view: { contact, queue, problem }, onSignIn }: { view: DoorView; onSignIn: () => void }) {
  const unsent = queue.length > 0 ? ` · ${queue.length} to send` : ''
  const text = { live: 'Online', offline: 'Offline', 'signed-out': 'Signed out' }[contact]
  return (
    <div className="contact" data-contact={contact}>
      <span role="status" title={problem ?? undefined}>
        {text}
        {unsent}
      </span>
      {contact === 'signed-out' ? (
        <button type="button" onClick={onSignIn}>
          Sign in
        </button>
      ) : null}
      {contact === 'offline' && problem ? <span>{problem}</span> : null}
    </div>
  )
}
