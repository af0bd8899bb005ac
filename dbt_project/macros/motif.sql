{#-
    Une raison est un code, suivi parfois d'un paramètre : un nombre, ou les mots d'une personne. Les modèles la portent en un
    seul texte, « code paramètre » ; un code n'a pas d'espace, la première les sépare : `base_minimale 30`.
    Une raison peut être celle d'une autre cellule. Son code prend alors un préfixe et un point, sur un seul niveau :
    `vague_precedente.base_minimale 30`. Quand cette autre cellule est un segment, il se lit devant le paramètre :
    `segment.base_minimale 35_49 : 30`.
    Les tables publiées ont le code et le paramètre en deux colonnes, et la raison en clair dans la langue du programme
    (docs/adr/0034).
-#}

{#- Toutes les raisons : le statut auquel chacune mène, ou ce dont elle parle quand elle ne mène à aucun statut. -#}
{% macro motifs() -%}
    {{ return({
        'question_non_posee': 'Z',
        'question_exclue': 'E',
        'aucune_reponse': 'S',
        'base_minimale': 'S',
        'base_efficace': 'S',
        'organismes_minimum': 'S',
        'dominance': 'S',
        'unanimite': 'S',
        'organismes_repartition': 'S',
        'entretiens_complets': 'S',
        'theme_sans_note': 'S',
        'deduction_cellule': 'D',
        'deduction_organisme': 'D',
        'periodes_incompletes': 'S',
        'periodes_masquees': 'D',
        'perimetre_masque': 'D',
        'region_masquee': 'D',
        'comptes_regionaux': 'verdict',
        'verdicts_unanimes': 'verdict',
        'premiere_vague': 'verdict',
        'plusieurs_reponses': 'verdict',
        'question_nouvelle': 'verdict',
        'question_modifiee': 'verdict',
        'exclusion_inegale': 'verdict',
        'modes_differents': 'verdict',
        'instituts_differents': 'verdict',
        'baremes_differents': 'verdict',
        'sans_mesure': 'verdict',
        'base_fragile': 'verdict',
        'ecart_notable': 'verdict',
        'ecart_mineur': 'verdict',
        'ecart_borne': 'verdict',
        'nombre_de_tests': 'verdict',
        'hasard': 'verdict',
        'source_non_comparable': 'verdict',
        'source_non_declaree': 'verdict',
        'echelle_inconnue': 'verdict',
        'echelle_differente': 'verdict',
        'base_differente': 'verdict',
        'unite_sans_mesure': 'verdict',
        'precision_des_deux': 'verdict',
        'precision_inconnue': 'verdict',
        'precision_supposee': 'verdict',
        'livraison_acceptee': 'livraison',
        'livraison_non_attendue': 'livraison',
        'livraison_non_recue': 'livraison',
        'scores_seuls': 'livraison',
        'constat': 'livraison',
        'participation': 'livraison',
        'non_concerne': 'livraison',
        'vague_precedente': 'prefixe',
        'autres_organismes': 'prefixe',
        'segment': 'prefixe',
        'segment_region': 'prefixe',
    }) }}
{%- endmacro %}

{#- Les codes d'un statut, ou d'un emploi, entre guillemets. -#}
{% macro codes_des_motifs(emploi) -%}
    {%- set codes = [] -%}
    {%- for code, sien in (motifs().items() if execute else [('code', emploi)]) if sien == emploi -%}
        {%- set _ = codes.append("'" ~ code ~ "'") -%}
    {%- endfor -%}
    {{ return(codes | join(', ')) }}
{%- endmacro %}

{#- Écrit une raison. `parametre` est une expression ; sans valeur, il ne reste que le code. -#}
{% macro motif(code, parametre=none) -%}
    {%- if execute and code not in motifs() -%}
        {{ exceptions.raise_compiler_error(
            "motif inconnu : " ~ code ~ " ; le déclarer dans macros/motif.sql et dans le catalogue de chaque langue"
        ) }}
    {%- endif -%}
    {{ return(
        "'" ~ code ~ "'" if parametre is none
        else "'" ~ code ~ " ' || coalesce(cast(" ~ parametre ~ " as " ~ dbt.type_string() ~ "), '')"
    ) }}
{%- endmacro %}

{#- La raison d'une autre cellule, dite par celle-ci. `segment` : l'expression du segment dont c'est la raison. -#}
{% macro motif_d_une_autre(prefixe, raison, segment=none) -%}
    {%- if execute and motifs()[prefixe] != 'prefixe' -%}
        {{ exceptions.raise_compiler_error(prefixe ~ " n'est pas un préfixe de motif") }}
    {%- endif -%}
    {{ return(
        "'" ~ prefixe ~ ".' || " ~ raison if segment is none
        else "'" ~ prefixe ~ ".' || " ~ motif_code(raison) ~ " || ' ' || " ~ segment
        ~ " || coalesce(' : ' || " ~ motif_parametre(raison) ~ ", '')"
    ) }}
{%- endmacro %}

{#- La raison d'une ligne qui la porte en deux colonnes. -#}
{% macro motif_de(alias=none, prefixe='motif') -%}
    {%- set colonne = (alias ~ '.' if alias else '') ~ prefixe -%}
    {{ return(colonne ~ "_code || coalesce(' ' || " ~ colonne ~ "_parametre, '')") }}
{%- endmacro %}

{#- Le code d'une raison, préfixe compris. -#}
{% macro motif_code(raison) -%}
    {{ return("split_part(" ~ raison ~ ", ' ', 1)") }}
{%- endmacro %}

{#- Le code sans son préfixe. -#}
{% macro motif_propre(raison) -%}
    {{ return("split_part(" ~ motif_code(raison) ~ ", '.', -1)") }}
{%- endmacro %}

{#- Le paramètre d'une raison ; vide quand elle n'en a pas. -#}
{% macro motif_parametre(raison) -%}
    {{ return("nullif(substr(" ~ raison ~ ", length(" ~ motif_code(raison) ~ ") + 2), '')") }}
{%- endmacro %}

{#-
    Le statut auquel mène une raison : Z non posé, E exclu, S masqué, D masqué pour en protéger une autre. Sans raison, V : publié.
    Un code que l'on ne connaît pas masque. `valeurs` donne autre chose que la lettre pour chaque statut.
-#}
{% macro statut_motif(raison, valeurs={'V': "'V'", 'Z': "'Z'", 'E': "'E'", 'D': "'D'", 'S': "'S'"}) -%}
    case
        when {{ raison }} is null then {{ valeurs.V }}
        {%- for statut in ['Z', 'E', 'D'] %}
        when {{ motif_propre(raison) }} in ({{ codes_des_motifs(statut) }}) then {{ valeurs[statut] }}
        {%- endfor %}
        else {{ valeurs.S }}
    end
{%- endmacro %}

{#- Vrai d'un code que `motifs` ne déclare pas, ou dont le préfixe n'en est pas un. -#}
{% macro raison_inconnue(code) -%}
    {%- set propres = [] -%}
    {%- for propre, emploi in motifs().items() if emploi != 'prefixe' -%}
        {%- do propres.append("'" ~ propre ~ "'") -%}
    {%- endfor -%}
    {{ motif_propre(code) }} not in ({{ propres | join(', ') }})
    or ({{ code }} like '%.%' and split_part({{ code }}, '.', 1) not in ({{ codes_des_motifs('prefixe') }}))
{%- endmacro %}

{#-
    La plus grave de deux raisons, dans l'ordre Z, E, S, D ; la première à gravité égale.
-#}
{% macro motif_le_plus_grave(raison, autre) -%}
    case
        when {{ raison }} is null then {{ autre }}
        when {{ autre }} is null then {{ raison }}
        when {{ gravite(autre) }} > {{ gravite(raison) }} then {{ autre }}
        else {{ raison }}
    end
{%- endmacro %}

{#- Le rang d'une raison dans l'ordre où la plus grave l'emporte ; 0 sans raison. -#}
{% macro gravite(raison) -%}
    {{ statut_motif(raison, {'V': 0, 'D': 1, 'S': 2, 'E': 3, 'Z': 4}) }}
{%- endmacro %}

{#-
    Pourquoi une cellule n'est pas publiée, vue d'elle seule ; vide quand elle l'est. int_secret dit ce que l'ensemble des cellules
    permet de juger. Un organisme chez lui n'est masqué que par sa base. `exclusion` : pourquoi la question est exclue pour l'un des
    organismes ; elle l'est pour tous si plus aucun ne répond. `efficace` : sa base efficace ; trop petite, le chiffre est imprécis sans être
    un secret, donc int_secret ne la donne pas. Qu'il n'y ait aucune réponse n'est dit qu'à un organisme chez lui : d'une question posée à
    ceux qui en ont donné une autre, ce serait dire que nul ne l'a donnée.
-#}
{% macro motif_cellule(posee, base, nb_organismes, part_dominante, perimetre_type, exclusion='null', efficace='null') -%}
    case
        when not {{ posee }} then {{ motif('question_non_posee') }}
        when {{ base }} is null and {{ exclusion }} is not null then {{ motif('question_exclue', exclusion) }}
        when coalesce({{ base }}, 0) = 0 and ({{ perimetre_type }} = 'organisme' or not parametres.organismes_secrets)
            then {{ motif('aucune_reponse') }}
        when coalesce({{ base }}, 0) < parametres.base_minimale then {{ motif('base_minimale', 'parametres.base_minimale') }}
        else
            coalesce(
                {{ motif_organismes(nb_organismes, part_dominante, perimetre_type) }},
                case
                    when round({{ efficace }}) < parametres.base_minimale
                        then {{ motif('base_efficace', 'parametres.base_minimale') }}
                end
            )
    end
{%- endmacro %}

{#- Pourquoi un chiffre régional dirait celui d'un organisme, s'il est secret : trop peu d'organismes, ou l'un d'eux domine. -#}
{% macro motif_organismes(nb_organismes, part_dominante, perimetre_type) -%}
    case
        when {{ perimetre_type }} = 'organisme' or not parametres.organismes_secrets then null
        when {{ nb_organismes }} < parametres.organismes_minimum
            then {{ motif('organismes_minimum', 'parametres.organismes_minimum') }}
        when {{ part_dominante }} >= parametres.dominance_maximum then {{ motif('dominance') }}
    end
{%- endmacro %}

{#- Une mesure n'existe que dans une cellule publiée. -#}
{% macro si_publie(expression, statut='statut') -%}
    case when {{ statut }} = 'V' then {{ expression }} end
{%- endmacro %}


{#-
    Le texte d'un code dans la langue du programme ; `code` est une expression. Les textes de la rubrique sont lus ensemble : cherchés un
    à un, chacun serait une jointure de plus, et le moteur se trompe sur le nombre de lignes au bout d'une dizaine.
-#}
{% macro texte(rubrique, code) -%}
    {{ dans_le_dictionnaire(ref('stg_textes'), "rubrique = '" ~ rubrique ~ "'", 'code', 'libelle', code) }}
{%- endmacro %}

{#-
    Une raison en clair. Un code sans texte donne un vide, que les contrôles de la nuit refusent. `axe` : l'expression de l'axe des
    segments dont la raison peut parler ; leur libellé est alors dit, à la place de leur code.
-#}
{% macro motif_en_clair(raison, axe=none) -%}
    {%- set parametre = "coalesce(" ~ motif_parametre(raison) ~ ", '')" -%}
    {%- set d_un_segment = "split_part(" ~ motif_code(raison) ~ ", '.', 1) in ('segment', 'segment_region')" -%}
    {%- set segment = "case when " ~ d_un_segment ~ " then split_part(" ~ parametre ~ ", ' : ', 1) else '' end" -%}
    {%- if axe %}
    {%- set segment -%}
    coalesce(
        (
            select max(segments.libelle)
            from {{ ref('stg_segments') }} as segments
            where segments.axe = {{ axe }} and segments.segment = {{ segment }}
        ),
        {{ segment }}
    )
    {%- endset -%}
    {%- endif %}
    {%- set sien -%}
    case
        when {{ d_un_segment }} then substr({{ parametre }}, length(split_part({{ parametre }}, ' : ', 1)) + 4)
        else {{ parametre }}
    end
    {%- endset -%}
    replace(
        replace(
            case
                when {{ motif_code(raison) }} like '%.%'
                    then {{ texte('motif', "split_part(" ~ motif_code(raison) ~ ", '.', 1)") }}
                else '{motif}'
            end,
            '{segment}',
            {{ segment }}
        ),
        '{motif}',
        replace(
            replace({{ texte('motif', motif_propre(raison)) }}, '{n}', {{ milliers(sien) }}),
            '{detail}',
            {{ sien }}
        )
    )
{%- endmacro %}

{#- Un nombre entier, écrit en chiffres, comme la langue du programme sépare les milliers ; au-delà du million, tel quel. -#}
{% macro milliers(ecrit) -%}
    case
        when length({{ ecrit }}) between 4 and 6
            then
                substr({{ ecrit }}, 1, length({{ ecrit }}) - 3) || {{ texte('nombre', "'milliers'") }}
                || substr({{ ecrit }}, length({{ ecrit }}) - 2)
        else {{ ecrit }}
    end
{%- endmacro %}

{#- Les trois colonnes publiées d'une raison : code, paramètre, en clair. -#}
{% macro colonnes_motif(raison, en_clair='motif_statut', prefixe='motif', axe=none) -%}
    {{ motif_code(raison) }} as {{ prefixe }}_code,
    {{ motif_parametre(raison) }} as {{ prefixe }}_parametre,
    {{ motif_en_clair(raison, axe) }} as {{ en_clair }}
{%- endmacro %}
