#!/usr/bin/env -S zsh -f
# complete.zsh FOLDER LINE  what zsh offers at the end of LINE with the completion
# functions in FOLDER, one a line. It works only at a terminal, so a zsh gets one of
# its own and the line is typed there; what it offers goes through files.
zmodload zsh/zpty zsh/zselect || exit 4
folder=$1 line=$2
work=$(mktemp -d) || exit 1
trap 'zpty -d shell 2>/dev/null; rm -rf $work' EXIT

cat >$work/.zshrc <<E
fpath=(${(q)folder:a} \$fpath)
autoload -Uz compinit
compinit -u -D
compadd() {
	if [[ \${(M)@[1,(i)(-|--)]:#-[A-Za-z0-9]#[OAD]} ]]; then
		builtin compadd "\$@"
		return
	fi
	local -a offered
	builtin compadd -A offered "\$@"
	print -rl -- \$offered >>$work/offered
	builtin compadd "\$@"
}
finished() { : >$work/finished }
comppostfuncs=(finished)
zle-line-init() { : >$work/ready }
zle -N zle-line-init
bindkey '^I' complete-word
setopt extended_glob
E

wait_for()
{
	local text
	for try in {1..2000}; do
		zpty -rt shell text
		[[ -e $work/$1 ]] && return
		zselect -t 1
	done
	print -u2 "complete.zsh: no $1 within 20 s"
	exit 1
}

export ZDOTDIR=$work TERM=dumb
zpty -b shell zsh -i
wait_for ready
zpty -w -n shell "$line"$'\t'
wait_for finished
[[ ! -e $work/offered ]] || grep . $work/offered | sort -u
