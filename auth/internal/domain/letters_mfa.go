package domain

// mfaLetters tell the owner what has become of their second factor: whoever has
// taken an account over begins with it.
func mfaLetters(language string) map[Template]letter {
	switch language {
	case "fr":
		return map[Template]letter{
			LetterMFAEnabled: {"La validation en deux étapes est activée", `La validation en deux étapes de votre compte Love App a été activée : se connecter demande désormais aussi un code.

Si ce n’était pas vous, choisissez immédiatement un nouveau mot de passe et contactez-nous.
`},
			LetterMFADisabled: {"La validation en deux étapes est désactivée", `La validation en deux étapes de votre compte Love App a été désactivée : le mot de passe suffit désormais.

Si ce n’était pas vous, choisissez immédiatement un nouveau mot de passe.
`},
			LetterRecoveryUsed: {"Un code de secours a été utilisé", `Quelqu’un s’est connecté à votre compte Love App avec un de vos codes de secours. Ce code ne fonctionne plus.

Si ce n’était pas vous, choisissez immédiatement un nouveau mot de passe.
`},
		}
	case "es":
		return map[Template]letter{
			LetterMFAEnabled: {"La verificación en dos pasos está activada", `Se ha activado la verificación en dos pasos de tu cuenta de Love App: para entrar hace falta ahora también un código.

Si no has sido tú, elige enseguida una contraseña nueva y ponte en contacto con nosotros.
`},
			LetterMFADisabled: {"La verificación en dos pasos está desactivada", `Se ha desactivado la verificación en dos pasos de tu cuenta de Love App: ahora basta la contraseña.

Si no has sido tú, elige enseguida una contraseña nueva.
`},
			LetterRecoveryUsed: {"Se ha usado un código de recuperación", `Alguien ha entrado en tu cuenta de Love App con uno de tus códigos de recuperación. Ese código ya no sirve.

Si no has sido tú, elige enseguida una contraseña nueva.
`},
		}
	}
	return map[Template]letter{
		LetterMFAEnabled: {"Two-step verification is on", `Two-step verification of your Love App account was turned on: signing in now takes a code as well.

If you did not do this, choose a new password at once and contact us.
`},
		LetterMFADisabled: {"Two-step verification is off", `Two-step verification of your Love App account was turned off: the password is enough now.

If you did not do this, choose a new password at once.
`},
		LetterRecoveryUsed: {"A recovery code was used", `Somebody signed in to your Love App account with one of your recovery codes. That code no longer works.

If it was not you, choose a new password at once.
`},
	}
}
