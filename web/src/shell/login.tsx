import { Anchor, Button, Center, Paper, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { post, Problem } from '../api/client'
import { keepSession } from '../api/session'
import { Failure } from '../ui/feedback'
import { PasswordField } from '../ui/password-field'
import { linkTo } from '../ui/route'

export function Login() {
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [needsCode, setNeedsCode] = useState(false)
  const login = useMutation({
    mutationFn: () => post('/api/v1/auth/login', { body: { email, password, ...(needsCode ? { code } : {}) } }),
    onSuccess: (session) => {
      if (session) keepSession(session)
    },
    onError: (error) => {
      setCode('')
      if (requiresCode(error)) setNeedsCode(true)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    login.mutate()
  }
  /** Another account may have no second factor. */
  const restart = (change: () => void) => {
    setNeedsCode(false)
    change()
  }
  return (
    <Center component="main" mih="100vh" p="md">
      <Paper withBorder p="xl" w={380} maw="100%">
        <form onSubmit={submit}>
          <Stack>
            <Title order={1} size="h3">
              Traffic Police
            </Title>
            <Text size="sm" c="dimmed">
              Sign in to manage events, or to see your tickets.
            </Text>
            <TextInput
              label="E-mail"
              type="email"
              autoComplete="username"
              required
              value={email}
              onChange={(event) => restart(() => setEmail(event.target.value))}
            />
            <PasswordField label="Password" value={password} onChange={(text) => restart(() => setPassword(text))} />
            {needsCode ? <CodeField value={code} onChange={setCode} /> : null}
            <Failure error={requiresCode(login.error) ? null : login.error} title="Not signed in" />
            <Button type="submit" loading={login.isPending}>
              Sign in
            </Button>
            <Anchor size="sm" href={linkTo('password')}>
              Forgot the password?
            </Anchor>
          </Stack>
        </form>
      </Paper>
    </Center>
  )
}

function CodeField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <TextInput
      label="Code"
      description="Of your authenticator app, or a recovery code"
      autoComplete="one-time-code"
      required
      maxLength={40}
      autoFocus
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  )
}

function requiresCode(error: unknown): boolean {
  return error instanceof Problem && error.code === 'TOTP_REQUIRED'
}
