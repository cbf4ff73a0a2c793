package domain

func french() map[Template]letter {
	return map[Template]letter{
		LetterVerify: {"Confirmez votre adresse e-mail", `Bienvenue sur Love App.

Veuillez confirmer que cette adresse e-mail est la vôtre :

{link}

Le lien fonctionne une seule fois, pendant 24 heures. Si vous ne vous êtes pas inscrit, ignorez ce message.
`},
		LetterChange: {"Confirmez votre nouvelle adresse e-mail", `Cette adresse doit devenir celle de votre compte Love App. Veuillez la confirmer :

{link}

Le lien fonctionne une seule fois, pendant une heure. Si vous n’avez rien demandé, ignorez ce message.
`},
		LetterInUse: {"Cette adresse e-mail a déjà un compte", `Quelqu’un a voulu donner cette adresse à un autre compte Love App. Elle a déjà un compte ; rien n’a donc été modifié.

Si c’était vous, connectez-vous avec cette adresse. Sinon, vous n’avez rien à faire.
`},
		LetterEmailChanged: {"L’adresse e-mail de votre compte a été modifiée", `Votre compte Love App a désormais une autre adresse e-mail ; celle-ci ne l’ouvre plus.

Si ce n’était pas vous, contactez-nous immédiatement.
`},
		LetterReset: {"Choisissez un nouveau mot de passe", `Vous, ou quelqu’un d’autre, avez demandé un nouveau mot de passe pour votre compte Love App. Choisissez-le ici :

{link}

Le lien fonctionne une seule fois, pendant une heure. Si vous n’avez rien demandé, ignorez ce message : votre mot de passe reste le même.
`},
		LetterPasswordChanged: {"Votre mot de passe a été modifié", `Le mot de passe de votre compte Love App a été modifié et les autres appareils ont été déconnectés.

Si ce n’était pas vous, demandez immédiatement un nouveau mot de passe dans l’application.
`},
		LetterDeletion: {"Votre compte va être supprimé", `Comme vous l’avez demandé, votre compte Love App et ses données seront supprimés le {date}.

Si vous changez d’avis, connectez-vous avant cette date : tout sera conservé.
`},
		TextCode: {"", `Love App : votre code est {code}. Il est valable 10 minutes. Ne le donnez à personne.`},
	}
}
