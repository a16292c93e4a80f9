import { Button, Code, Group, Image, List, Stack, Text, TextInput } from '@mantine/core'
import { useState, type FormEvent, type ReactNode } from 'react'
import { post, remove } from '../api/client'
import { useTotp } from '../api/queries'
import { useAction } from '../ui/action'
import { Failure, QueryState } from '../ui/feedback'
import { Panel } from '../ui/panel'
import { PasswordField } from '../ui/password-field'

/** The authenticator app of who is signed in. */
export function SecondFactor() {
  const totp = useTotp()
  const [recoveryCodes, setRecoveryCodes] = useState<string[] | null>(null)
  return (
    <Panel title="Your authenticator app" asOf={totp}>
      <QueryState query={totp}>
        {recoveryCodes && totp.data?.enabled ? <RecoveryCodes codes={recoveryCodes} /> : null}
        {totp.data?.enabled ? (
          <Removal codesLeft={totp.data.recoveryCodesLeft} />
        ) : (
          <Enrolment onConfirmed={setRecoveryCodes} />
        )}
      </QueryState>
    </Panel>
  )
}

function Enrolment({ onConfirmed }: { onConfirmed: (codes: string[]) => void }) {
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const begin = useAction(() => post('/api/v1/auth/totp', { body: { password } }))
  const confirm = useAction(
    () => post('/api/v1/auth/totp/confirm', { body: { code } }),
    ({ recoveryCodes }) => onConfirmed(recoveryCodes),
  )
  if (!begin.data) {
    return (
      <Form label="Set up" action={begin} failure="Not set up">
        <Text size="sm">Not in use. With it, a login needs a code of the app besides the password.</Text>
        <PasswordField label="Password" value={password} onChange={setPassword} />
      </Form>
    )
  }
  return (
    <Form label="Confirm" action={confirm} failure="Not confirmed">
      <Text size="sm">Scan the code with the app, or type in the key. Then enter the code that the app shows.</Text>
      <Image src={begin.data.qrCode} alt="QR code for the authenticator app" w={240} h={240} />
      <Text size="sm">
        Key: <Code>{begin.data.secret}</Code>
      </Text>
      <CodeInput label="Code" value={code} onChange={setCode} />
    </Form>
  )
}

function Removal({ codesLeft }: { codesLeft: number }) {
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const removal = useAction(() => remove('/api/v1/auth/totp', { body: { password, code } }))
  return (
    <Form label="Remove" action={removal} failure="Not removed">
      <Text size="sm">In use. {codesLeft} recovery codes are left.</Text>
      <PasswordField label="Password" value={password} onChange={setPassword} />
      <CodeInput label="Code, or a recovery code" value={code} onChange={setCode} />
    </Form>
  )
}

function RecoveryCodes({ codes }: { codes: string[] }) {
  return (
    <Stack gap="xs" mb="md" role="status">
      <Text size="sm">
        Keep these recovery codes in a safe place: each replaces one code if the device is lost. They are not shown
        again.
      </Text>
      <List size="sm" listStyleType="none">
        {codes.map((code) => (
          <List.Item key={code}>
            <Code>{code}</Code>
          </List.Item>
        ))}
      </List>
    </Stack>
  )
}

interface FormProps {
  label: string
  action: { mutate: () => void; isPending: boolean; error: unknown }
  failure: string
  children: ReactNode
}

function Form({ label, action, failure, children }: FormProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault()
    action.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm" maw={420}>
        {children}
        <Failure error={action.error} title={failure} />
        <Group>
          <Button type="submit" variant="default" loading={action.isPending}>
            {label}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function CodeInput({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  return (
    <TextInput
      label={label}
      autoComplete="one-time-code"
      required
      maxLength={40}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  )
}
