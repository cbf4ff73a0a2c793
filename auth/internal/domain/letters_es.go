package domain

func spanish() map[Template]letter {
	return map[Template]letter{
		LetterVerify: {"Confirma tu correo electrónico", `Te damos la bienvenida a Love App.

Confirma que esta dirección de correo es tuya:

{link}

El enlace funciona una sola vez, durante 24 horas. Si no te has registrado, ignora este mensaje.
`},
		LetterChange: {"Confirma tu nuevo correo electrónico", `Esta dirección va a ser la de tu cuenta de Love App. Confírmala:

{link}

El enlace funciona una sola vez, durante una hora. Si no lo has pedido, ignora este mensaje.
`},
		LetterInUse: {"Esta dirección de correo ya tiene una cuenta", `Alguien ha querido poner esta dirección a otra cuenta de Love App. Ya tiene una cuenta, así que no se ha cambiado nada.

Si has sido tú, inicia sesión con esta dirección. Si no, no tienes que hacer nada.
`},
		LetterEmailChanged: {"Se ha cambiado el correo de tu cuenta", `Tu cuenta de Love App tiene ahora otra dirección de correo, y esta ya no la abre.

Si no has sido tú, ponte en contacto con nosotros de inmediato.
`},
		LetterReset: {"Elige una contraseña nueva", `Tú, u otra persona, ha pedido una contraseña nueva para tu cuenta de Love App. Elígela aquí:

{link}

El enlace funciona una sola vez, durante una hora. Si no lo has pedido, ignora este mensaje: tu contraseña sigue siendo la misma.
`},
		LetterPasswordChanged: {"Se ha cambiado tu contraseña", `Se ha cambiado la contraseña de tu cuenta de Love App y se ha cerrado la sesión en los demás dispositivos.

Si no has sido tú, pide de inmediato una contraseña nueva en la aplicación.
`},
		LetterDeletion: {"Tu cuenta se va a eliminar", `Como has pedido, tu cuenta de Love App y sus datos se eliminarán el {date}.

Si cambias de opinión, inicia sesión antes de esa fecha: así se conserva todo.
`},
		TextCode: {"", `Love App: tu código es {code}. Sirve durante 10 minutos. No se lo des a nadie.`},
	}
}
