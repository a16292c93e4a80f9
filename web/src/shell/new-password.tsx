import { Anchor, Button, Center, Paper, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState, type FormEvent, type ReactNode } from 'react'
import { post } from '../api/client'
import { forgetSession } from '../api/session'
import { Failure } from '../ui/feedback'
import { PasswordField } from '../ui/password-field'
import { linkTo } from '../ui/route'

/** Requests the link. */
export function RequestPassword() {
  const [email, setEmail] = useState('')
  const request = useMutation({ mutationFn: () => post('/api/v1/auth/password-reset', { body: { email } }) })
  if (request.isSuccess) {
    return (
      <Form>
        <Text role="status">
          If there is an account with this address, it gets a mail with a link that is valid for 30 minutes.
        </Text>
        <Text size="sm" c="dimmed">
          No mail? An admin can set a new password.
        </Text>
      </Form>
    )
  }
  return (
    <Form onSubmit={() => request.mutate()}>
      <TextInput
        label="E-mail"
        type="email"
        autoComplete="username"
        required
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <Failure error={request.error} title="Not requested" />
      <Button type="submit" loading={request.isPending}>
        Send a link
      </Button>
    </Form>
  )
}

/** Where the link in the mail leads. */
export function ChoosePassword({ token }: { token: string }) {
  const [password, setPassword] = useState('')
  const change = useMutation({
    mutationFn: () => post('/api/v1/auth/password', { body: { token, newPassword: password } }),
    // The session of this tab may be of the same account, whose sessions have ended.
    onSuccess: forgetSession,
  })
  if (change.isSuccess) {
    return (
      <Form>
        <Text role="status">The password was changed. Sign in with it.</Text>
      </Form>
    )
  }
  return (
    <Form onSubmit={() => change.mutate()}>
      <PasswordField label="New password" fresh value={password} onChange={setPassword} />
      <Failure error={change.error} title="Not changed" />
      <Button type="submit" loading={change.isPending}>
        Set the password
      </Button>
    </Form>
  )
}

function Form({ onSubmit, children }: { onSubmit?: () => void; children: ReactNode }) {
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSubmit?.()
  }
  return (
    <Center component="main" mih="100vh" p="md">
      <Paper withBorder p="xl" w={380} maw="100%">
        <form onSubmit={submit}>
          <Stack>
            <Title order={1} size="h3">
              New password
            </Title>
            {children}
            <Anchor size="sm" href={linkTo()}>
              Sign in
            </Anchor>
          </Stack>
        </form>
      </Paper>
    </Center>
  )
}
