import { PasswordInput } from '@mantine/core'

interface PasswordFieldProps {
  label: string
  value: string
  onChange: (value: string) => void
  /** A new password: its length is checked, and password managers offer one. */
  fresh?: boolean
}

export function PasswordField({ label, value, onChange, fresh = false }: PasswordFieldProps) {
  return (
    <PasswordInput
      label={label}
      required
      autoComplete={fresh ? 'new-password' : 'current-password'}
      {...(fresh ? { minLength: 8, maxLength: 200, description: '8 characters or more' } : {})}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
    />
  )
}
